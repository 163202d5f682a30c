using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Upstreams;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>What only Anthropic's models say, to clients of their API through one of them or a cascade: nothing of it is lost, and chat clients are spared it.</summary>
public sealed class OwnMessageTests
{
    private const string Usage = """
        {"input_tokens":11,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":0},"output_tokens":7,"service_tier":"priority","server_tool_use":{"web_search_requests":1}}
        """;

    private const string Searching = """
        {"type":"thinking","thinking":"hm","signature":"s1"},{"type":"text","text":"I will search. "},
        {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"weather"}},
        {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://e.example","title":"E","encrypted_content":"abc","page_age":null}]},
        {"type":"text","text":"It rains","citations":[{"type":"web_search_result_location","cited_text":"rain","url":"https://e.example","title":"E","encrypted_index":"i1"},{"type":"char_location","cited_text":"r","document_index":0}]},
        {"type":"text","text":" in \"Bergen\".\n"},
        {"type":"tool_use","id":"toolu_1","name":"f","input":{"a":[1,"x"]},"caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_2"}},
        {"type":"server_tool_use","id":"srvtoolu_2","name":"code_execution","input":{"code":"1"}},
        {"type":"tool_use","id":"toolu_2","name":"f","input":{}},
        {"type":"mcp_tool_use","id":"mcptoolu_1","name":"echo","server_name":"s","input":{"p":1}},
        {"type":"mcp_tool_result","tool_use_id":"mcptoolu_1","is_error":false,"content":[{"type":"text","text":"r"}]},
        {"type":"container_upload","file_id":"file_1"}
        """;

    private const string Tools = """
        ,"thinking":{"type":"enabled","budget_tokens":50},"tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"f","input_schema":{"type":"object"}}]
        """;

    private static string Message(string content, string stopReason, string more = "") =>
        $$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{{content}}],"stop_reason":"{{stopReason}}","stop_sequence":null,"usage":{{Usage}}{{more}}}""";

    public static TheoryData<string, bool> Ways => new() { { "own", false }, { "own", true }, { "cascade", false }, { "cascade", true }, { "mixed", true } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Blocks_of_its_servers_arrive_as_they_were_written(string model, bool stream)
    {
        var said = Message(Searching, "pause_turn", ""","container":{"id":"container_1","expires_at":"2026-01-01T00:00:00Z"},"context_management":{"applied_edits":[]}""");
        await using var claude = await ScriptedClaude.StartAsync(said);

        var (response, message) = await claude.AskAsync(model, stream, Tools);

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ShouldBe(message["content"]!, JsonNode.Parse(said)!["content"]!);
        ((string?)message["stop_reason"]).Should().Be("pause_turn");
        ShouldBe(message["usage"]!, JsonNode.Parse(Usage)!);
        ((string?)message["container"]!["id"]).Should().Be("container_1");
        message["context_management"]!["applied_edits"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task Blocks_of_a_server_that_never_streams_arrive_in_a_stream()
    {
        var said = Message(Searching, "pause_turn", ""","container":{"id":"container_1"}""");
        var onManyLines = JsonNode.Parse(said)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        await using var claude = await ScriptedClaude.StartAsync(onManyLines, streams: false);

        var (response, message) = await claude.AskAsync("own", true, Tools);

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ShouldBe(message["content"]!, JsonNode.Parse(said)!["content"]!);
        ((string?)message["stop_reason"]).Should().Be("pause_turn");
        ((string?)message["container"]!["id"]).Should().Be("container_1");
        ((string?)message["usage"]!["service_tier"]).Should().Be("priority");
    }

    [Theory]
    [InlineData("own")]
    [InlineData("cascade")]
    public async Task Blocks_of_a_server_that_always_streams_arrive_in_a_document(string model)
    {
        var said = Message(Searching, "pause_turn", ""","container":{"id":"container_1"}""");
        await using var claude = await ScriptedClaude.StartAsync(said, streams: true);

        var (response, message) = await claude.AskAsync(model, false, Tools);

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ShouldBe(message["content"]!, JsonNode.Parse(said)!["content"]!);
        ((string?)message["stop_reason"]).Should().Be("pause_turn");
        ((string?)message["container"]!["id"]).Should().Be("container_1");
        ShouldBe(message["usage"]!, JsonNode.Parse(Usage)!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ensemble_tells_how_its_answer_ended_and_in_which_tier_it_was_served(bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(
            Message("""{"type":"text","text":"Hi"}""", "end_turn", ""","stop_details":{"type":"note","note":"told"}"""));

        var (response, message) = await claude.AskAsync("moa", stream);

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ((string?)message["stop_details"]!["note"]).Should().Be("told");
        var usage = message["usage"]!.AsObject();
        ((string?)usage["service_tier"]).Should().Be("priority");
        usage.ContainsKey("server_tool_use").Should().BeFalse("it counts one call of several");
        ((int)usage["output_tokens"]!).Should().BeGreaterThan(7);
        claude.Calls.Should().OnlyContain(static c => !c.Body.ToString().Contains("own_end", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_refusals_details_arrive(string model, bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(
            Message("""{"type":"text","text":"No."}""", "refusal", ""","stop_details":{"type":"refusal","category":"cyber","explanation":"Not this."}"""));

        var (_, message) = await claude.AskAsync(model, stream);

        ((string?)message["stop_reason"]).Should().Be("refusal");
        ((string?)message["stop_details"]!["category"]).Should().Be("cyber");
        ((string?)message["content"]![0]!["text"]).Should().Be("No.");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_turn_that_is_nothing_but_a_servers_call_is_an_answer(string model, bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(
            Message("""{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}""", "pause_turn"));

        var (response, message) = await claude.AskAsync(model, stream, Tools);

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ((string?)message["content"]![0]!["type"]).Should().Be("server_tool_use");
        ((string?)message["content"]![0]!["input"]!["query"]).Should().Be("x");
        claude.Calls.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Calls_of_a_toolset_go_to_the_client_that_declared_it(string model, bool stream)
    {
        const string Call = """{"type":"tool_use","id":"toolu_1","name":"click","input":{"x":1},"toolset_name":"browser"}""";
        await using var claude = await ScriptedClaude.StartAsync(Message(Call, "tool_use"));

        var (response, message) = await claude.AskAsync(
            model, stream, ""","tools":[{"type":"browser_toolset_20260801"},{"name":"f","input_schema":{"type":"object"}}]""");

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ShouldBe(message["content"]!, new JsonArray(JsonNode.Parse(Call)));
        ((string?)message["stop_reason"]).Should().Be("tool_use");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_model_makes_its_summaries_itself(bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(Message("""{"type":"compaction","content":"So far: x."}""", "compaction"));

        var (response, message) = await claude.AskAsync("own", stream, ""","compaction":{"trigger":"now"}""", static r => r.Headers.Add("anthropic-beta", "compact-2026-01-12"));
        var (refused, _) = await claude.AskAsync("mixed", stream, ""","compaction":{"trigger":"now"}""");

        ((int)response.StatusCode).Should().Be(200, "{0}", message);
        ((string?)message["content"]![0]!["content"]).Should().Be("So far: x.");
        ((string?)message["stop_reason"]).Should().Be("compaction");
        var (head, body) = claude.Calls.Should().ContainSingle().Subject;
        body.At("compaction.trigger").GetString().Should().Be("now");
        head.Should().Contain("compact-2026-01-12");
        ((int)refused.StatusCode).Should().Be(400);
    }

    [Theory]
    [InlineData("2026-10-21", "", "2026-10-21")]
    [InlineData("2026-1-1", "", "2023-06-01")]
    [InlineData("2026-10-21, x", "", "2023-06-01")]
    [InlineData("2026-10-21", "headers = { anthropic-version = \"2024-01-01\" }", "2024-01-01")]
    public async Task The_clients_form_of_the_API_is_asked_for_where_the_operator_names_none(string given, string upstream, string expected)
    {
        await using var claude = await ScriptedClaude.StartAsync(Message("""{"type":"text","text":"Hi"}""", "end_turn"), upstream);

        await claude.AskAsync("own", false, edit: r => r.Headers.TryAddWithoutValidation("anthropic-version", given));

        var (head, body) = claude.Calls.Should().ContainSingle().Subject;
        head.Split("\r\n").Where(static l => l.StartsWith("anthropic-version:", StringComparison.OrdinalIgnoreCase)).Should().Equal($"anthropic-version: {expected}");
        body.ToString().Should().NotContain("own_version").And.NotContain("own_answer");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_clients_are_told_the_chats_words_only(bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(Message(Searching, "pause_turn", ""","container":{"id":"c"}"""));
        using var content = new StringContent(
            "{\"model\":\"own\",\"stream\":" + (stream ? "true" : "false")
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]}",
            System.Text.Encoding.UTF8,
            "application/json");

        using var response = await claude.Gateway.Client.PostAsync("/v1/chat/completions", content);
        var text = await response.Content.ReadAsStringAsync();

        text.Should().NotContain("x_anthropic").And.NotContain("srvtoolu").And.NotContain("container").And.NotContain("query").And.Contain("toolu_1").And.Contain("toolu_2");
        if (!stream)
        {
            var message = JsonElement.Parse(text).At("choices[0].message");
            message.At("content").GetString().Should().Be("I will search. It rains in \"Bergen\".\n");
            message.At("tool_calls[0].function.arguments").GetString().Should().Be("{\"a\":[1,\"x\"]}");
            message.At("tool_calls[1].function.arguments").GetString().Should().Be("{}");
        }
    }

    private static void ShouldBe(JsonNode actual, JsonNode expected) =>
        JsonNode.DeepEquals(actual, expected).Should().BeTrue("\n{0}\nshould be\n{1}", actual.ToJsonString(), expected.ToJsonString());
}

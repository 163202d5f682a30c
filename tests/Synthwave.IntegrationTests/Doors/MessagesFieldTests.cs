using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>What today's clients of Anthropic's API send, to chat models, to ensembles and to Anthropic's own.</summary>
public sealed class MessagesFieldTests
{
    private const string Path = "/v1/messages";

    private const string Message = "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}";

    private const string MessageEvents =
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\"usage\":{\"input_tokens\":4711,\"output_tokens\":1}}}\n\n"
        + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n";

    private static readonly SimulatedModel[] Models =
    [
        .. new[] { "a", "b", "c", "s" }.Select(static id => SimulatedModel.Answering(id, _ => new SimulatedAnswer { Text = "fine", Usage = new(30, 4) })),
    ];

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_thread_is_refused_in_the_form_upon_which_clients_send_everything(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        foreach (var thread in (string[])["{\"type\":\"create\"}", "{\"type\":\"continue\",\"previous_message_id\":\"msg_1\"}", "{}", "\"odd\""])
        {
            var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"{{model}}","max_tokens":9,"thread":{{thread}},"messages":[{"role":"user","content":"x"}]}""");

            ((int)response.StatusCode).Should().Be(400, "{0}", body);
            body.At("type").GetString().Should().Be("error");
            body.At("error.details.error_code").GetString().Should().Be("thread_unsupported_request");
            body.At("error.details.unsupported[0]").GetString().Should().Be("thread");
        }

        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task Tools_of_Anthropics_servers_are_left_out_and_named_and_those_of_the_client_are_functions(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(Path, $$"""
            {"model":"{{model}}","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":3},{"type":"bash_20250124","name":"bash"},
            {"type":"text_editor_20250728","name":"str_replace_based_edit_tool"},{"name":"f","input_schema":{"type":"object"},"eager_input_streaming":true,"input_examples":[{}],"defer_loading":true}]}
            """);

        ((int)response.StatusCode).Should().Be(200, "{0}", body);
        response.Header("X-MetaModel-Ignored").Should().Contain("web_search");
        foreach (var sent in scenario.Models.ChatCalls.Select(c => c.Json).Where(j => j.TryGetProperty("tools", out _)))
        {
            sent.At("tools").EnumerateArray().Select(t => t.At("function.name").GetString()).Should().Equal("bash", "str_replace_based_edit_tool", "f");
            sent.At("tools[0].function.parameters.properties.command.type").GetString().Should().Be("string");
            sent.ToString().Should().NotContain("eager_input").And.NotContain("defer_loading").And.NotContain("x_anthropic").And.NotContain("own_tools");
        }

        scenario.Models.ChatCalls.Should().Contain(c => c.Json.ToString().Contains("\"bash\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"\"", "Error:")]
    [InlineData("\"no such file\"", "Error: no such file")]
    [InlineData("\"Error: no such file\"", "Error: no such file")]
    [InlineData("\"<tool_use_error>cancelled</tool_use_error>\"", "<tool_use_error>cancelled</tool_use_error>")]
    [InlineData("[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]", "Error:\n\na\n\nb")]
    [InlineData("[]", "Error:")]
    public async Task A_chat_model_is_told_in_words_that_a_tool_failed(string content, string said)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        await scenario.PostAsync(Path, $$"""
            {"model":"a","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"f","input":{} }]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"i","is_error":true,"content":{{content}} }]}]}
            """);

        scenario.Models.ChatCalls.Single().Json.At("messages[2].content").GetString().Should().Be(said);
    }

    [Theory]
    [InlineData("\"one\"", "\"two\"", "\"one\\n\\ntwo\"")]
    [InlineData("\"one\"", "[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"http://x/y.png\"}}]", "[{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x/y.png\"}}]")]
    public async Task A_turn_that_says_nothing_to_a_chat_is_left_out_and_the_turns_around_it_are_one(string before, string after, string joined)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: "modalities = [\"text\", \"image\"]");

        var (response, body) = await scenario.PostAsync(Path, $$"""
            {"model":"a","max_tokens":9,"messages":[{"role":"user","content":"zero"},{"role":"assistant","content":"yes"},{"role":"user","content":{{before}} },
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"server_tool_use","id":"s","name":"web_search","input":{} },{"type":"web_search_tool_result","tool_use_id":"s","content":[]}]},
            {"role":"user","content":{{after}} }]}
            """);

        ((int)response.StatusCode).Should().Be(200, "{0}", body);
        response.Header("X-MetaModel-Ignored").Should().Contain("server_tool_use");
        var messages = scenario.Models.ChatCalls.Single().Json.At("messages").EnumerateArray().ToList();
        messages.Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "user");
        messages[2].At("content").GetRawText().Should().Be(joined);
    }

    [Fact]
    public async Task Thinking_behind_a_call_that_is_not_over_is_thinking()
    {
        static string Chunk(string delta) => $$$"""data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":null}]}""" + "\n\n";
        var events = Chunk("""{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"k\":"}}]}""")
            + Chunk("""{"reasoning_content":"hm"}""") + Chunk("""{"content":"so"}""") + Chunk("""{"reasoning_content":"well"}""")
            + Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}""")
            + "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
        await using var upstream = RawUpstream.Sending("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events);
        await using var scenario = await GatewayScenario.StartAsync(
            Models, more: $"[upstreams.raw]\nmodel_id = \"m\"\nbase_url = \"{upstream.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n[profiles.open]\ntype = \"cascade\"\nupstreams = [\"raw\"]\nexpose_reasoning = true");

        var (_, stream) = await scenario.PostStreamAsync(Path, """{"model":"open","max_tokens":400,"stream":true,"thinking":{"type":"enabled","budget_tokens":100},"tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"x"}]}""");

        var blocks = new List<string>();
        foreach (var e in stream.Events.Select(e => e.Json))
        {
            if (e.At("type").GetString() is "content_block_start")
            {
                blocks.Add(e.At("content_block.type").GetString() + ":");
                e.At("index").GetInt32().Should().Be(blocks.Count - 1);
            }
            else if (e.At("type").GetString() is "content_block_delta")
            {
                var delta = e.At("delta").EnumerateObject().Single(m => m.Name is "text" or "thinking" or "partial_json").Value.GetString();
                blocks[e.At("index").GetInt32()] += delta;
            }
        }

        blocks.Should().Equal("tool_use:{\"k\":1}", "thinking:hm", "text:so", "thinking:well");
    }

    [Fact]
    public async Task Documents_that_are_text_are_text_and_a_billing_line_is_nobodys_business()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(Path, """
            {"model":"a","max_tokens":9,"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2; cch=a1b2c;"},{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
            "messages":[{"role":"user","content":[{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"the law"}},{"type":"text","text":"Read.","cache_control":{"type":"ephemeral"}}]},
            {"role":"assistant","content":"Yes."},{"role":"system","content":"Late words."},{"role":"user","content":"Go on."}]}
            """);

        ((int)response.StatusCode).Should().Be(200, "{0}", body);
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.ToString().Should().Contain("the law").And.NotContain("billing").And.NotContain("cch=");
        sent.At("messages").EnumerateArray().Select(m => m.At("role").GetString()).Should().Equal("system", "user", "assistant", "system", "user");
        sent.At("messages[0].content").ToString().Should().Contain("Be brief.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Betas_and_the_members_that_need_them_go_together_to_Anthropics_models(bool stream)
    {
        var seen = new List<(string Head, string Body)>();
        await using var recording = new RawUpstream(async call =>
        {
            if (call.Head.StartsWith("POST", StringComparison.Ordinal))
            {
                seen.Add((call.Head, call.Body));
            }

            var (type, text) = stream ? ("text/event-stream", MessageEvents) : ("application/json", Message);
            await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        });
        await using var gateway = await TestGateway.StartAsync(
            $"[upstreams.own]\nmodel_id = \"claude\"\nbase_url = \"{recording.BaseUrl}\"\nprotocol = \"anthropic\"\napi_key = \"k\"\ncontext = 8192\nmax_output = 512\n");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages?beta=true")
        {
            Content = new StringContent(
                $$$"""
                {"model":"own","max_tokens":9,"stream":{{{(stream ? "true" : "false")}}},"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]},"speed":"fast",
                "system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"}],"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":3},{"name":"f","input_schema":{"type":"object"},"defer_loading":true}],
                "messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},{"type":"text","text":"x"}]}]}
                """,
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.TryAddWithoutValidation("anthropic-beta", "context-management-2025-06-27,fast-mode-2026-02-01");

        using var response = await gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "{0}", text);
        var (head, body) = seen.Single();
        head.Should().Contain("context-management-2025-06-27").And.Contain("fast-mode-2026-02-01");
        var sent = JsonElement.Parse(body);
        sent.At("context_management.edits[0].type").GetString().Should().Be("clear_tool_uses_20250919");
        sent.At("speed").GetString().Should().Be("fast");
        sent.At("tools[0].type").GetString().Should().Be("web_search_20250305");
        sent.At("tools[1].defer_loading").GetBoolean().Should().BeTrue();
        sent.At("messages[0].content[0].source.data").GetString().Should().Be("JVBERi0=");
        body.Should().Contain("x-anthropic-billing-header").And.NotContain("own_tools").And.NotContain("\"betas\"");
        if (stream)
        {
            text.Should().Contain("\"input_tokens\":4711");
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_streams_start_has_an_estimate_of_its_input(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.PostStreamAsync(
            Path, $$"""{"model":"{{model}}","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("word ", 400))}}"}]}""");

        stream.Chunks.First().At("message.usage.input_tokens").GetInt32().Should().BeInRange(200, 1000);
    }

    [Theory]
    [InlineData("a\r\nX-Injected: 1")]
    [InlineData(",,,")]
    public async Task A_header_is_no_way_into_another_head(string beta)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent("""{"model":"a","max_tokens":9,"betas":["x\r\nX-Injected: 1"],"messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("anthropic-beta", beta);

        using var response = await scenario.Client.SendAsync(request);

        ((int)response.StatusCode).Should().BeOneOf(200, 400);
        scenario.Models.ChatCalls.Should().OnlyContain(c => !c.Json.ToString().Contains("Injected", StringComparison.Ordinal));
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Responses that are kept: told again, continued, referred to by their items, listed by their input.</summary>
public sealed class StoredResponsesTests
{
    private const string Path = "/v1/responses";

    private const string Tools = "\"tools\":[{\"type\":\"function\",\"name\":\"weather\"},{\"type\":\"custom\",\"name\":\"note\"},{\"type\":\"shell\"},{\"type\":\"apply_patch\"},{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}]";

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Answering("a", request => new SimulatedAnswer { Text = $"one two three {request.LastUserText} \"ø\"" }),
        SimulatedModel.Answering("b", _ => new SimulatedAnswer
        {
            Text = "Let me see.",
            ToolCalls =
            [
                new("weather", """{"city":"Reykjavík"}""", "call_1"), new("note", """{"input":"a b c d"}""", "call_2"), new("shell", """{"commands":["ls"]}""", "call_3"),
                new("apply_patch", """{"type":"create_file","path":"p","diff":"+x"}""", "call_4"), new("n__f", "{}", "call_5"), new("note", "raw text", "call_6"),
            ],
        }),
        SimulatedModel.Answering("c", _ => new SimulatedAnswer { Text = "cut sh", FinishReason = "length" }),
        SimulatedModel.Saying("s", "both"),
    ];

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("c")]
    [InlineData("moa")]
    public async Task A_streamed_response_is_told_again_event_by_event(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (response, stream) = await scenario.PostStreamAsync(Path, $$"""{"model":"{{model}}","input":"x","stream":true,"instructions":"i",{{Tools}}}""");
        var events = stream.ResponseEvents();
        var url = $"{Path}/{response.Header("X-MetaModel-Request-Id")}?stream=true";

        var again = await ReadAsync(scenario, url);

        again.Select(e => e.ToString()).Should().Equal(events.Select(e => e.ToString()));
        for (var after = 0; after < events.Count; after++)
        {
            (await ReadAsync(scenario, $"{url}&starting_after={after}")).Select(e => e.ToString()).Should().Equal(
                events.Skip(Math.Min(after + 1, events.Count - 1)).Select(e => e.ToString()), "the end is always told");
        }
    }

    [Theory]
    [InlineData("a", "response.completed")]
    [InlineData("b", "response.completed")]
    [InlineData("c", "response.incomplete")]
    public async Task A_whole_response_is_told_as_events_too(string model, string last)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, $$"""{"model":"{{model}}","input":"x",{{Tools}}}""");

        var events = await ReadAsync(scenario, $"{Path}/{body.At("id")}?stream=true");

        events[0].At("response.status").GetString().Should().Be("in_progress");
        events[0].At("response.output").GetArrayLength().Should().Be(0);
        events.Assemble().Select(i => i.ToString()).Should().Equal(body.At("output").EnumerateArray().Select(i => i.ToString()));
        events[^1].Type().Should().Be(last);
        events[^1].At("response").ToString().Should().Be(body.ToString());
    }

    [Fact]
    public async Task A_strange_place_to_start_from_is_refused()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");

        foreach (var place in (string[])["x", "-1", "1.5", "99999999999"])
        {
            var (response, error) = await GetAsync(scenario, $"{Path}/{body.At("id")}?stream=true&starting_after={place}");
            response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            error.At("error.param").GetString().Should().Be("starting_after");
        }

        (await GetAsync(scenario, $"{Path}/resp_none?stream=true")).Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await ReadAsync(scenario, $"{Path}/{body.At("id")}?stream=true&starting_after=2147483647")).Single().Type().Should().Be("response.completed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Items_are_referred_to_by_the_ids_they_were_given_out_with(bool isStreamed)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var first = $$"""{"model":"b","input":"x","stream":{{(isStreamed ? "true" : "false")}},{{Tools}}}""";
        var output = isStreamed
            ? (await scenario.PostStreamAsync(Path, first)).Stream.ResponseEvents().Assemble()
            : [.. (await scenario.PostAsync(Path, first)).Body.At("output").EnumerateArray()];
        output.Select(i => i.At("id").GetString()).Should().OnlyHaveUniqueItems().And.AllSatisfy(id => id.Should().MatchRegex("^(msg|fc|ctc|sh|apc)_[0-9a-f]{24}$"));

        // As agents send their second step: what was said by reference, what their tools gave in full.
        var references = string.Join(',', output.Select((item, i) => i % 2 == 0 ? $$"""{"type":"item_reference","id":"{{item.At("id")}}"}""" : $$"""{"id":"{{item.At("id")}}"}"""));
        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":[{"role":"user","content":"x"},{{references}},{"type":"function_call_output","call_id":"call_1","output":"rain"}],{{Tools}}}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        var messages = scenario.Models.ChatCalls.Last().Json.At("messages").EnumerateArray().ToList();
        messages.Take(3).Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool");
        messages[2].At("content").GetString().Should().Be("rain");
        messages[1].At("content").GetString().Should().Be("Let me see.");
        messages[1].At("tool_calls").EnumerateArray().Select(c => c.At("function.name").GetString()).Should().Equal("weather", "note", "shell", "apply_patch", "n__f", "note");

        var (_, third) = await scenario.PostAsync(Path, $$"""{"model":"a","previous_response_id":"{{body.At("id")}}","input":"and?"}""");
        third.At("status").GetString().Should().Be("completed");
        scenario.Models.ChatCalls.Last().Json.At("messages[1].tool_calls[1].function.arguments").GetString().Should().Be("""{"input":"a b c d"}""");
    }

    [Fact]
    public async Task What_is_deleted_is_gone_from_the_conversations_behind_it()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, first) = await scenario.PostAsync(Path, """{"model":"a","input":"secret"}""");
        var (_, next) = await scenario.PostAsync(Path, $$"""{"model":"a","previous_response_id":"{{first.At("id")}}","input":"on"}""");
        var (_, referring) = await scenario.PostAsync(Path, $$"""{"model":"a","input":[{"type":"item_reference","id":"{{first.At("output[0].id")}}"},"and?"]}""");
        await scenario.Client.DeleteAsync($"{Path}/{first.At("id")}");

        foreach (var id in new[] { next.At("id"), referring.At("id") })
        {
            var asked = scenario.Models.ChatCalls.Length;
            var (response, error) = await scenario.PostAsync(Path, $$"""{"model":"a","previous_response_id":"{{id}}","input":"more"}""");

            response.StatusCode.Should().Be(HttpStatusCode.NotFound, "{0}", error);
            error.At("error.param").GetString().Should().Be("previous_response_id");
            scenario.Models.ChatCalls.Length.Should().Be(asked);
            (await GetAsync(scenario, $"{Path}/{id}")).Response.StatusCode.Should().Be(HttpStatusCode.OK, "its own words are still there");
            (await GetAsync(scenario, $"{Path}/{id}/input_items")).Body.ToString().Should().NotContain("three secret");
        }
    }

    [Fact]
    public async Task An_item_that_is_not_kept_is_named()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, unstored) = await scenario.PostAsync(Path, """{"model":"a","input":"x","store":false}""");
        var (_, deleted) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");
        await scenario.Client.DeleteAsync($"{Path}/{deleted.At("id")}");

        foreach (var id in new[] { unstored.At("output[0].id").GetString()!, deleted.At("output[0].id").GetString()!, "msg_other", "fc_" + deleted.At("output[0].id").GetString()![4..], "\\ud800" })
        {
            var (response, error) = await scenario.PostAsync(Path, $$"""{"model":"a","input":["x",{"type":"item_reference","id":"{{id}}"}]}""");

            response.StatusCode.Should().Be(id.Contains('\\', StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound);
            error.At("error.param").GetString().Should().Be("input[1].id");
            error.At("error.message").GetString().Should().ContainAny(id, "needs the id");
        }
    }

    [Fact]
    public async Task A_conversation_with_calls_of_any_kind_goes_on()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, first) = await scenario.PostAsync(Path, $$"""{"model":"b","input":"x",{{Tools}}}""");

        await scenario.PostAsync(Path, $$"""
            {"model":"a","previous_response_id":"{{first.At("id")}}",{{Tools}},"input":[{"type":"function_call_output","call_id":"call_1","output":"1"},{"type":"custom_tool_call_output","call_id":"call_2","output":"2"},
             {"type":"shell_call_output","call_id":"call_3","output":[{"stdout":"3","stderr":"","outcome":{"type":"exit","exit_code":0} }]},{"type":"apply_patch_call_output","call_id":"call_4","status":"completed"},
             {"type":"function_call_output","call_id":"call_5","output":"5"},{"type":"custom_tool_call_output","call_id":"call_6","output":"6"}]}
            """);

        var messages = scenario.Models.ChatCalls.Last().Json.At("messages").EnumerateArray().ToList();
        messages.Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool", "tool", "tool", "tool", "tool", "tool");
        messages.Skip(2).Select(m => m.At("tool_call_id").GetString()).Should().Equal(Enumerable.Range(1, 6).Select(i => $"call_{i}"));
        messages[1].At("tool_calls[5].function.arguments").GetString().Should().Be("""{"input":"raw text"}""");
    }

    [Fact]
    public async Task References_may_not_grow_a_request_without_bound()
    {
        await using var scenario = await GatewayScenario.StartAsync([SimulatedModel.Saying("a", new string('x', 200_000)), .. Models[1..]], server: "max_body_mb = 1");
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");
        var reference = $$"""{"type":"item_reference","id":"{{body.At("output[0].id")}}"}""";

        var (response, error) = await scenario.PostAsync(Path, $$"""{"model":"a","input":[{{string.Join(',', Enumerable.Repeat(reference, 1000))}}]}""");

        ((int)response.StatusCode).Should().Be(413);
        error.At("error.code").GetString().Should().Be("request_too_large");
    }

    [Fact]
    public async Task The_input_of_a_response_is_listed_by_pages()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":["one",{"role":"assistant","content":"two"},{"type":"function_call","id":"fc_own","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"o"},{"role":"user","content":[{"type":"input_text","text":"five"}]}]}""");
        var url = $"{Path}/{body.At("id")}/input_items";

        var (_, newest) = await GetAsync(scenario, url);
        var (_, head) = await GetAsync(scenario, url + "?order=asc&limit=2&include=message.input_image.image_url");
        var (_, tail) = await GetAsync(scenario, $"{url}?order=asc&limit=3&after={head.At("last_id")}");

        newest.At("object").GetString().Should().Be("list");
        newest.At("data").EnumerateArray().Select(i => i.Type()).Should().Equal("message", "function_call_output", "function_call", "message", "message");
        newest.At("has_more").GetBoolean().Should().BeFalse();
        newest.At("data").EnumerateArray().Select(i => i.At("id").GetString()).Should().OnlyHaveUniqueItems().And.Contain("fc_own");
        head.At("has_more").GetBoolean().Should().BeTrue();
        head.At("data[0].content[0].text").GetString().Should().Be("one");
        head.At("data[0].content[0].type").GetString().Should().Be("input_text");
        head.At("data[1].content[0].type").GetString().Should().Be("output_text");
        head.At("first_id").GetString().Should().Be(head.At("data[0].id").GetString());
        tail.At("data").GetArrayLength().Should().Be(3);
        tail.At("has_more").GetBoolean().Should().BeFalse();

        var (response, _) = await scenario.PostAsync(Path, $$"""{"model":"a","input":[{"type":"item_reference","id":"{{head.At("data[0].id")}}"}]}""");
        response.IsSuccessStatusCode.Should().BeTrue();
        scenario.Models.ChatCalls.Last().Json.At("messages[0].content").GetString().Should().Be("one");
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("after=msg_none", "after")]
    public async Task A_page_that_cannot_be_is_refused(string query, string param)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");

        var (response, error) = await GetAsync(scenario, $"{Path}/{body.At("id")}/input_items?{query}");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.At("error.param").GetString().Should().Be(param);
        (await GetAsync(scenario, $"{Path}/resp_none/input_items")).Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Input_tokens_are_counted_without_asking_a_model()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, few) = await scenario.PostAsync(Path + "/input_tokens", """{"model":"a","input":"x"}""");
        var (_, many) = await scenario.PostAsync(Path + "/input_tokens", $$"""{"model":"a","input":"{{new string('x', 5000)}}",{{Tools}}}""");
        var (refused, error) = await scenario.PostAsync(Path + "/input_tokens", """{"input":"x"}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", few);
        few.At("object").GetString().Should().Be("response.input_tokens");
        many.At("input_tokens").GetInt32().Should().BeGreaterThan(1000).And.BeGreaterThan(few.At("input_tokens").GetInt32());
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.At("error.code").GetString().Should().Be("missing_model");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("POST", "/v1/responses/compact", "compact")]
    [InlineData("POST", "/v1/conversations", "conversations")]
    [InlineData("GET", "/v1/conversations/conv_1", "conversations")]
    [InlineData("DELETE", "/v1/conversations/conv_1", "conversations")]
    [InlineData("POST", "/v1/conversations/conv_1/items", "conversations")]
    [InlineData("GET", "/v1/conversations/conv_1/items/msg_1?include=x", "conversations")]
    public async Task What_is_not_there_says_so(string method, string path, string name)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        using var request = new HttpRequestMessage(new(method), path) { Content = method == "POST" ? JsonContent.Create(new { model = "a", input = "x" }) : null };

        using var response = await scenario.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        error.At("error.code").GetString().Should().Be("unsupported_endpoint");
        error.At("error.type").GetString().Should().Be("invalid_request_error");
        error.At("error.message").GetString().Should().Contain(name);
    }

    [Fact]
    public async Task A_finished_response_cannot_be_cancelled()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");

        var (response, error) = await scenario.PostAsync($"{Path}/{body.At("id")}/cancel", "");
        var (unknown, _) = await scenario.PostAsync($"{Path}/resp_none/cancel", "");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.At("error.code").GetString().Should().Be("unsupported_endpoint");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_goes_round_also_through_clients_that_keep_only_what_is_sealed(bool isStreamed)
    {
        const string Thought = "I \"think\"\nø 😀";
        await using var scenario = await GatewayScenario.StartAsync(
            [.. "abcs".Select(id => SimulatedModel.Answering(id.ToString(), _ => new SimulatedAnswer { Text = "", Reasoning = Thought, ToolCalls = [new("weather", "{}", "call_1")] }))],
            more: "[profiles.open]\ntype = \"cascade\"\nupstreams = [\"a\"]\nexpose_reasoning = true");
        var request = $$"""{"model":"open","input":"x","store":false,"include":["reasoning.encrypted_content"],"stream":{{(isStreamed ? "true" : "false")}},{{Tools}}}""";
        var output = isStreamed
            ? (await scenario.PostStreamAsync(Path, request)).Stream.ResponseEvents().Assemble()
            : [.. (await scenario.PostAsync(Path, request)).Body.At("output").EnumerateArray()];
        var reasoning = output.Single(i => i.Type() == "reasoning");
        reasoning.At("content[0].text").GetString().Should().Be(Thought);

        foreach (var kept in (string[])[reasoning.ToString(), $$"""{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"{{reasoning.At("encrypted_content")}}"}"""])
        {
            await scenario.PostAsync(Path, $$"""{"model":"open","input":["x",{{kept}},{{output.Single(i => i.Type() == "function_call")}},{"type":"function_call_output","call_id":"call_1","output":"o"}],{{Tools}}}""");

            var assistant = scenario.Models.ChatCalls.Last().Json.At("messages[1]");
            assistant.At("tool_calls[0].id").GetString().Should().Be("call_1");
        }
    }

    [Theory]
    [InlineData("auto", false)]
    [InlineData("concise", true)]
    [InlineData("detailed", true)]
    public async Task Reasoning_comes_as_the_summary_that_was_asked_for_and_goes_back_as_reasoning(string wish, bool isStreamed)
    {
        const string Thought = "I \"think\"\nø 😀";
        await using var scenario = await GatewayScenario.StartAsync(
            [.. "abcs".Select(id => SimulatedModel.Answering(id.ToString(), _ => new SimulatedAnswer { Text = "", Reasoning = Thought, ToolCalls = [new("weather", "{}", "call_1")] }))],
            more: "[profiles.open]\ntype = \"cascade\"\nupstreams = [\"a\"]\nexpose_reasoning = true\n[profiles.else]\ntype = \"cascade\"\nupstreams = [\"b\"]");
        var request = $$"""{"model":"open","input":"x","reasoning":{"effort":"low","summary":"{{wish}}"},"stream":{{(isStreamed ? "true" : "false")}},{{Tools}}}""";
        JsonElement whole;
        if (isStreamed)
        {
            var (_, stream) = await scenario.PostStreamAsync(Path, request);
            var events = stream.ResponseEvents();
            events.Assemble();
            events.Select(Type).Should().ContainInOrder(
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "response.reasoning_summary_part.done").And.NotContain("response.reasoning_text.delta");
            events.Where(e => Type(e).StartsWith("response.reasoning_", StringComparison.Ordinal)).Should().OnlyContain(e => e.At("summary_index").GetInt32() == 0);
            whole = events[^1].At("response");
            (await ReadAsync(scenario, $"{Path}/{whole.At("id")}?stream=true")).Select(e => e.ToString()).Should().Equal(events.Select(e => e.ToString()));
        }
        else
        {
            whole = (await scenario.PostAsync(Path, request)).Body;
        }

        whole.At("reasoning.summary").GetString().Should().Be(wish);
        var reasoning = whole.At("output[0]");
        reasoning.At("summary[0].type").GetString().Should().Be("summary_text");
        reasoning.At("summary[0].text").GetString().Should().Be(Thought);
        reasoning.At("content").GetArrayLength().Should().Be(0, "it is not shown twice");

        // The first answer teaches that this upstream gives its reasoning, and so may want it back.
        await scenario.PostAsync(Path, $$"""{"model":"else","input":"x",{{Tools}}}""");
        await scenario.PostAsync(Path, $$"""{"model":"else","input":["x",{{reasoning}},{"type":"function_call","call_id":"call_other","name":"weather","arguments":"{}"},{"type":"function_call_output","call_id":"call_other","output":"o"}],{{Tools}}}""");
        scenario.Models.ChatCalls.Last().Json.At("messages[1].reasoning_content").GetString().Should().Be(Thought);

        static string Type(JsonElement e) => e.Type();
    }

    private static async Task<List<JsonElement>> ReadAsync(GatewayScenario scenario, string url)
    {
        using var response = await scenario.Client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        return (await SseCapture.ReadAsync(response)).ResponseEvents();
    }

    private static async Task<(HttpResponseMessage Response, JsonElement Body)> GetAsync(GatewayScenario scenario, string url)
    {
        var response = await scenario.Client.GetAsync(url);
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}

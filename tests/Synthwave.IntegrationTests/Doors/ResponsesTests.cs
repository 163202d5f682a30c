using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

public sealed class ResponsesTests
{
    private const string Path = "/v1/responses";

    private static readonly string[] Members =
    [
        "id", "object", "created_at", "status", "background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "parallel_tool_calls",
        "previous_response_id", "prompt_cache_key", "reasoning", "safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice", "tools",
        "top_logprobs", "top_p", "truncation", "user", "error", "incomplete_details", "output", "output_text", "usage",
    ];

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Answering("a", request => new SimulatedAnswer { Text = $"{request.LastUserText} → \"ø\"\n", Usage = new(3, 4) }),
        SimulatedModel.Answering("b", _ => new SimulatedAnswer
        {
            Text = "Let me see.",
            ToolCalls = [new("weather", """{"city":"Reykjavík"}""", "call_1"), new("time", "{}", "call_2")],
        }),
        SimulatedModel.Answering("c", _ => new SimulatedAnswer { Text = "cut sh", FinishReason = "length" }),
        SimulatedModel.Saying("s", "both"),
    ];

    [Fact]
    public async Task A_response_is_the_complete_official_object()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(Path, """{"model":"a","input":"Hi 😀","instructions":"Be brief.","max_output_tokens":9,"metadata":{"k":"v"},"temperature":0.5}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo(Members);
        body.At("id").GetString().Should().MatchRegex("^resp_[0-9a-f]{24}$").And.Be(response.Header("X-MetaModel-Request-Id"));
        body.At("object").GetString().Should().Be("response");
        body.At("status").GetString().Should().Be("completed");
        body.At("model").GetString().Should().Be("a");
        body.At("output[0].type").GetString().Should().Be("message");
        body.At("output[0].content[0].text").GetString().Should().Be("Hi 😀 → \"ø\"\n");
        body.At("output_text").GetString().Should().Be("Hi 😀 → \"ø\"\n");
        body.At("usage.input_tokens").GetInt32().Should().Be(3);
        body.At("usage.output_tokens").GetInt32().Should().Be(4);
        body.At("usage.total_tokens").GetInt32().Should().Be(7);
        body.At("instructions").GetString().Should().Be("Be brief.");
        body.At("metadata.k").GetString().Should().Be("v");
        body.At("text.format.type").GetString().Should().Be("text");
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.At("messages[0].role").GetString().Should().Be("system");
        sent.At("messages[1].content").GetString().Should().Be("Hi 😀");
        sent.At("max_tokens").GetInt32().Should().Be(9);
        sent.TryGetProperty("metadata", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Calls_become_items_and_a_cut_answer_is_incomplete()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, calls) = await scenario.PostAsync(Path, """{"model":"b","input":"x","tools":[{"type":"function","name":"weather","parameters":{"type":"object"}},{"type":"function","name":"time"}]}""");
        var (_, cut) = await scenario.PostAsync(Path, """{"model":"c","input":"x"}""");

        calls.At("output").EnumerateArray().Select(i => i.At("type").GetString()).Should().Equal("message", "function_call", "function_call");
        calls.At("output[1].call_id").GetString().Should().Be("call_1");
        calls.At("output[1].arguments").GetString().Should().Be("""{"city":"Reykjavík"}""");
        calls.At("status").GetString().Should().Be("completed");
        cut.At("status").GetString().Should().Be("incomplete");
        cut.At("incomplete_details.reason").GetString().Should().Be("max_output_tokens");
        cut.At("output[0].status").GetString().Should().Be("incomplete");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_stream_is_the_documented_sequence_of_events(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, stream) = await scenario.PostStreamAsync(Path, $$"""{"model":"{{model}}","input":"Go","stream":true}""");

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        var events = Events(stream);
        events.Select(e => e.At("sequence_number").GetInt32()).Should().Equal(Enumerable.Range(0, events.Count));
        Squeezed(events).Should().Equal(
            "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed");
        var text = string.Concat(events.Where(e => Type(e) == "response.output_text.delta").Select(e => e.At("delta").GetString()));
        events.Single(e => Type(e) == "response.output_text.done").At("text").GetString().Should().Be(text);
        var final = events[^1].At("response");
        final.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo(Members);
        final.At("output_text").GetString().Should().Be(text);
        final.At("usage.total_tokens").GetInt32().Should().BePositive();
        final.At("id").GetString().Should().Be(response.Header("X-MetaModel-Request-Id"));
        events[0].At("response.status").GetString().Should().Be("in_progress");
        events[0].At("response.output").GetArrayLength().Should().Be(0);
        stream.Done.Should().BeFalse("there is no [DONE] in this dialect");
    }

    [Fact]
    public async Task Deltas_leave_as_tokens_arrive_and_created_leaves_before_the_first()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "one two three") with { Fault = new(SimulatedFaultKind.Stall) { AfterTokens = 2 } }, .. Models[1..]],
            server: "stream_head_grace_secs = 0");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = JsonContent.Create(new { model = "a", input = "x", stream = true }) };

        using var response = await scenario.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var seen = new List<string>();
        while (!seen.Contains("event: response.output_text.delta"))
        {
            seen.Add((await reader.ReadLineAsync())!);
        }

        seen.Where(l => l.StartsWith("event:", StringComparison.Ordinal)).Take(2).Should().Equal("event: response.created", "event: response.in_progress");
    }

    [Fact]
    public async Task Streamed_calls_are_items_of_their_own()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.PostStreamAsync(
            Path, """{"model":"b","input":"x","stream":true,"tools":[{"type":"function","name":"weather"},{"type":"function","name":"time"}]}""");

        var events = Events(stream);
        var added = events.Where(e => Type(e) == "response.output_item.added").ToList();
        added.Select(e => e.At("item.type").GetString()).Should().Equal("message", "function_call", "function_call");
        added.Select(e => e.At("output_index").GetInt32()).Should().Equal(0, 1, 2);
        foreach (var done in events.Where(e => Type(e) == "response.function_call_arguments.done"))
        {
            var id = done.At("item_id").GetString();
            string.Concat(events.Where(e => Type(e) == "response.function_call_arguments.delta" && e.At("item_id").GetString() == id).Select(e => e.At("delta").GetString()))
                .Should().Be(done.At("arguments").GetString());
        }

        events[^1].At("response.output[1].call_id").GetString().Should().Be("call_1");
        events[^1].At("response.output[2].name").GetString().Should().Be("time");
    }

    [Fact]
    public async Task A_failure_after_the_head_is_a_failed_response()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "one two three four") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 2 } }, .. Models[1..]]);

        var (response, stream) = await scenario.PostStreamAsync(Path, """{"model":"a","input":"x","stream":true}""");

        var last = Events(stream)[^1];
        Type(last).Should().Be("response.failed");
        last.At("response.status").GetString().Should().Be("failed");
        last.At("response.error.code").GetString().Should().Be("upstream_error");
        last.At("response.output[0].status").GetString().Should().Be("incomplete");
        stream.Broken.Should().BeNull();
        (await scenario.Client.GetAsync($"{Path}/{response.Header("X-MetaModel-Request-Id")}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_conversation_goes_on_from_a_stored_response()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        const string Tools = "\"tools\":[{\"type\":\"function\",\"name\":\"weather\"},{\"type\":\"function\",\"name\":\"time\"}]";

        var (_, first) = await scenario.PostAsync(Path, $$"""{"model":"b","input":[{"role":"user","content":"Weather?"}],{{Tools}}}""");
        var (_, second) = await scenario.PostStreamAsync(Path, $$"""{"model":"a","previous_response_id":"{{first.At("id")}}","stream":true,"input":[{"type":"function_call_output","call_id":"call_1","output":"rain"},{"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"no"},{"type":"input_text","text":"on"}]},{"role":"user","content":"And?"}],{{Tools}}}""");
        var (_, third) = await scenario.PostAsync(Path, $$"""{"model":"a","previous_response_id":"{{Events(second)[^1].At("response.id")}}","input":"Third"}""");

        third.At("output_text").GetString().Should().StartWith("Third");
        var messages = scenario.Models.ChatCalls.Last().Json.At("messages").EnumerateArray().ToList();
        messages.Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool", "tool", "user", "assistant", "user");
        messages[1].At("content").GetString().Should().Be("Let me see.");
        messages[1].At("tool_calls").GetArrayLength().Should().Be(2);
        messages[3].At("content").GetString().Should().Be("noon");
        messages[5].At("content").GetString().Should().StartWith("And?");
    }

    [Fact]
    public async Task Stored_responses_are_had_deleted_and_forgotten()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        var (_, body) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");
        var (_, secret) = await scenario.PostAsync(Path, """{"model":"a","input":"x","store":false}""");
        var url = $"{Path}/{body.At("id")}";

        (await scenario.Client.GetFromJsonAsync<JsonElement>(url)).ToString().Should().Be(body.ToString());
        var deleted = await (await scenario.Client.DeleteAsync(url)).Content.ReadFromJsonAsync<JsonElement>();
        deleted.At("deleted").GetBoolean().Should().BeTrue();
        var gone = await scenario.Client.GetAsync(url);
        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await gone.Content.ReadFromJsonAsync<JsonElement>()).At("error.code").GetString().Should().Be("response_not_found");
        (await scenario.Client.DeleteAsync(url)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        secret.At("store").GetBoolean().Should().BeFalse();
        (await scenario.Client.GetAsync($"{Path}/{secret.At("id")}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        var (response, lost) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","previous_response_id":"{{body.At("id")}}"}""");
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        lost.At("error.param").GetString().Should().Be("previous_response_id");
    }

    [Fact]
    public async Task Structured_output_and_other_wishes_reach_the_model()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        await scenario.PostAsync(Path, """
            {"model":"a","input":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_text","text":"again"}]},
             {"type":"reasoning","id":"rs_1","summary":[]},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},"go"],
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},"parallel_tool_calls":false,"reasoning":{"effort":"low"},"top_logprobs":2,"top_k":5,
             "tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f"}}
            """);

        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.At("messages").EnumerateArray().Select(m => m.At("role").GetString()).Should().Equal(["system", "user", "assistant", "user"], "no server refuses the role system");
        sent.At("messages[1].content").GetString().Should().Be("look\n\nagain", "every server takes a text");
        sent.At("messages[2].content").GetString().Should().Be("no");
        sent.At("response_format.json_schema.name").GetString().Should().Be("n");
        sent.At("response_format.json_schema.strict").GetBoolean().Should().BeTrue();
        sent.At("parallel_tool_calls").GetBoolean().Should().BeFalse();
        sent.At("reasoning_effort").GetString().Should().Be("low");
        sent.At("logprobs").GetBoolean().Should().BeTrue();
        sent.At("top_logprobs").GetInt32().Should().Be(2);
        sent.At("top_k").GetInt32().Should().Be(5);
        sent.At("tool_choice.function.name").GetString().Should().Be("f");
    }

    [Theory]
    [InlineData("""{"input":"x"}""", 400, "missing_model", "model")]
    [InlineData("""{"model":"nobody","input":"x"}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":"a","input":"x","background":true}""", 501, "unsupported_responses_param", "background")]
    [InlineData("""{"model":"a","input":"x","conversation":"c"}""", 501, "unsupported_responses_param", "conversation")]
    [InlineData("""{"model":"a","input":"x","text":{"format":{"type":"xml"}}}""", 501, "unsupported_text_format", "text.format")]
    [InlineData("""{"model":"a","input":5}""", 400, "invalid_input", "input")]
    [InlineData("""{"model":"a","input":[5]}""", 400, "invalid_input_item", "input[0]")]
    [InlineData("""{"model":"a","input":[{"type":"web_search_call"}]}""", 400, null, "messages")]
    [InlineData("""{"model":"a","input":"x","prompt":{"id":"pmpt_1"}}""", 400, "unsupported_responses_param", "prompt")]
    [InlineData("""{"model":"a","input":["x",{"type":"item_reference","id":"msg_000000000000000000000000"}]}""", 404, "item_not_found", "input[1].id")]
    [InlineData("""{"model":"a","input":["x",{"id":"msg_1"}]}""", 404, "item_not_found", "input[1].id")]
    [InlineData("""{"model":"a","input":["x",{"type":"item_reference"}]}""", 400, "invalid_input_item", "input[1].id")]
    [InlineData("""{"model":"a","input":[{"role":"king","content":"x"}]}""", 400, "invalid_role", "input[0].role")]
    [InlineData("""{"model":"a","input":["x",{"role":"user","content":[{"type":"input_file"}]}]}""", 400, "unsupported_input_part_type", "input[1].content[0]")]
    [InlineData("""{"model":"a","input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]}""", 400, "unsupported_image_shape", "input[0].content[0]")]
    [InlineData("""{"model":"a","input":[{"role":"user","content":7}]}""", 400, "invalid_input_content", "input[0].content")]
    [InlineData("""{"model":"a","input":[{"type":"function_call","name":"f"}]}""", 400, "invalid_function_call", "input[0]")]
    [InlineData("""{"model":"a","input":[{"type":"function_call_output","output":"x"}]}""", 400, "missing_call_id", "input[0].call_id")]
    [InlineData("""{"model":"a","input":[{"type":"function_call_output","call_id":"c","output":{}}]}""", 400, "invalid_function_call_output", "input[0].output")]
    [InlineData("""{"model":"a","input":"x","tools":[{"name":"f"}]}""", 400, "invalid_tools", "tools[0].type")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"custom"}]}""", 400, "invalid_tools", "tools[0].name")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"},{"type":"function"}]}]}""", 400, "invalid_tools", "tools[0].tools[1].name")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}}""", 400, "unsupported_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"function","name":"f"},{"type":"mcp"}],"tool_choice":{"type":"mcp","server_label":"s"}}""", 400, "unsupported_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"web_search"}],"tool_choice":"required"}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"g"}}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"apply_patch"}}""", 400, "unsupported_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]}}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"maybe","tools":[]}}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tool_choice":"required"}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tools":{}}""", 400, "invalid_tools", "tools")]
    [InlineData("""{"model":"a","input":"x","tool_choice":"maybe"}""", 501, "unsupported_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","tool_choice":{"type":"function"}}""", 400, "invalid_tool_choice", "tool_choice")]
    [InlineData("""{"model":"a","input":"x","previous_response_id":"resp_none"}""", 404, "response_not_found", "previous_response_id")]
    [InlineData("""{"model":"a"}""", 400, null, "messages")]
    [InlineData("""{"model":"a","input":"x","temperature":9}""", 400, null, "temperature")]
    [InlineData("""{"model":"a","input":"x","input":"y"}""", 400, "duplicate_key", "input")]
    [InlineData("""not json""", 400, "invalid_json", null)]
    [InlineData("""[]""", 400, "invalid_request", null)]
    public async Task What_cannot_be_translated_is_refused_with_its_place(string body, int status, string? code, string? param)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, answer) = await scenario.PostAsync(Path, body);

        ((int)response.StatusCode).Should().Be(status, "{0}", answer);
        answer.At("error.code").GetString().Should().Be(code);
        answer.At("error.param").GetString().Should().Be(param);
        (response.Header("x-should-retry") == "false").Should().Be(status == 501);
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task Mutilated_requests_never_break_the_gateway()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        const string Whole = """{"model":"s","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":{"url":"u","detail":"d"}}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"output_text","text":"t"}]}],"text":{"format":{"type":"json_schema","name":"n"},"verbosity":"low"},"reasoning":{"effort":"low"},"tools":[{"type":"function","name":"f","parameters":{}}],"tool_choice":{"type":"function","name":"f"},"include":["message.output_text.logprobs"],"top_logprobs":1,"previous_response_id":null,"stream":false,"store":true}""";
        string[] values = ["null", "true", "-1", "1e400", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[]]]", "{\"type\":5}", "{\"\\ud800\":1}"];

        await Seeded.RunAsync(60, async random =>
        {
            var root = System.Text.Json.Nodes.JsonNode.Parse(Whole)!;
            var spot = Spots(root).ToList() is var spots ? spots[random.Next(spots.Count)] : throw new InvalidOperationException();
            var text = Whole.Replace(spot, values[random.Next(values.Length)], StringComparison.Ordinal);
            var (response, answer) = await scenario.PostAsync(Path, text);
            ((int)response.StatusCode).Should().BeOneOf([200, 400, 404, 501], "{0} gave {1}", text, answer);
        });
    }

    private static IEnumerable<string> Spots(System.Text.Json.Nodes.JsonNode node)
    {
        yield return node.ToJsonString();
        var children = node switch
        {
            System.Text.Json.Nodes.JsonObject o => o.Select(p => p.Value),
            System.Text.Json.Nodes.JsonArray a => a,
            _ => [],
        };
        foreach (var spot in children.OfType<System.Text.Json.Nodes.JsonNode>().SelectMany(Spots))
        {
            yield return spot;
        }
    }

    private static List<JsonElement> Events(SseCapture stream)
    {
        stream.Events.Should().OnlyContain(e => e.Json.GetProperty("type").GetString() == e.Event);
        return [.. stream.Chunks];
    }

    private static string Type(JsonElement e) => e.At("type").GetString()!;

    // Several deltas in a row count once.
    private static IEnumerable<string> Squeezed(IEnumerable<JsonElement> events)
    {
        string? before = null;
        foreach (var type in events.Select(Type))
        {
            if (type != before)
            {
                yield return type;
            }

            before = type;
        }
    }
}

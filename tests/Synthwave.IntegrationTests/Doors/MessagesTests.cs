using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

public sealed class MessagesTests
{
    private const string Path = "/v1/messages";

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Answering("a", request => new SimulatedAnswer { Text = $"{request.LastUserText} → \"ø\"\n", Usage = new(30, 4) }),
        SimulatedModel.Answering("b", request => request.Messages.LastOrDefault(m => m.Role == "tool") is { } result
            ? SimulatedAnswer.Of($"It says {result.Text}")
            : new SimulatedAnswer { Text = "Let me see.", ToolCalls = [new("weather", """{"city":"Reykjavík"}""", "call_1"), new("time", "{}", "call_2")] }),
        SimulatedModel.Answering("c", _ => new SimulatedAnswer { Text = "cut sh", Reasoning = "hmm, long", FinishReason = "length" }),
        SimulatedModel.Saying("s", "both"),
    ];

    [Fact]
    public async Task A_message_is_answered_with_a_message()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(
            Path,
            """{"model":"a","max_tokens":9,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi 😀"}]}],"stop_sequences":["END"],"metadata":{"user_id":"u"},"top_k":3}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.EnumerateObject().Select(m => m.Name).Should().Equal("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage");
        body.At("id").GetString().Should().MatchRegex("^msg_[0-9a-f]{24}$");
        body.At("type").GetString().Should().Be("message");
        body.At("model").GetString().Should().Be("a");
        body.At("content[0].text").GetString().Should().Be("Hi 😀 → \"ø\"\n");
        body.At("stop_reason").GetString().Should().Be("end_turn");
        body.At("usage.input_tokens").GetInt32().Should().Be(30);
        body.At("usage.output_tokens").GetInt32().Should().Be(4);
        response.Header("request-id").Should().Be(response.Header("X-MetaModel-Request-Id"));
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("messages", "model", "max_tokens", "stop");
        sent.At("messages[0].role").GetString().Should().Be("system");
        sent.At("messages[0].content").GetString().Should().Be("Be brief.");
        sent.At("messages[1].content").GetString().Should().Be("Hi 😀");
        sent.At("stop[0]").GetString().Should().Be("END");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_stream_is_the_documented_sequence_of_events(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.PostStreamAsync(Path, $$"""{"model":"{{model}}","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Go"}]}""");

        var events = Events(stream);
        Squeezed(events).Should().Equal("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop");
        events[0].At("message.role").GetString().Should().Be("assistant");
        events[0].At("message.content").GetArrayLength().Should().Be(0);
        events[0].At("message.stop_reason").ValueKind.Should().Be(JsonValueKind.Null);
        events[^2].At("delta.stop_reason").GetString().Should().Be("end_turn");
        events[^2].At("usage.output_tokens").GetInt32().Should().BePositive();
        var (content, _) = Assemble(events);
        content.Single()!["text"]!.GetValue<string>().Should().NotBeEmpty();
        stream.Done.Should().BeFalse("there is no [DONE] in this dialect");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tools_are_used_over_two_turns(bool streamed)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        const string Tools = """ "tools":[{"name":"weather","description":"d","input_schema":{"type":"object"}},{"name":"time","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"}""";

        var first = await AskAsync($$"""{"model":"b","max_tokens":9,"messages":[{"role":"user","content":"Weather?"}],{{Tools}}}""");
        var second = await AskAsync($$"""{"model":"b","max_tokens":9,"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":{{first.Content.ToJsonString()}}},{"role":"user","content":[{"type":"text","text":"Well?"},{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"rain"}]},{"type":"tool_result","tool_use_id":"call_2","content":"noon","is_error":true}]}],{{Tools}}}""");

        first.StopReason.Should().Be("tool_use");
        first.Content.Select(b => b!["type"]!.GetValue<string>()).Should().Equal("text", "tool_use", "tool_use");
        first.Content[1]!["id"]!.GetValue<string>().Should().Be("call_1");
        first.Content[1]!["input"]!.ToJsonString().Should().Contain("city");
        second.StopReason.Should().Be("end_turn");
        var sent = scenario.Models.ChatCalls.Last().Json;
        sent.At("messages").EnumerateArray().Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool", "tool", "user");
        JsonElement.Parse(sent.At("messages[1].tool_calls[0].function.arguments").GetString()!).At("city").GetString().Should().Be("Reykjavík");
        sent.At("messages[2].content").GetString().Should().Be("rain");
        sent.At("messages[3].content").GetString().Should().Be("Error: noon", "a chat has no other way to tell that a tool failed");
        sent.At("tools[0].function.parameters.type").GetString().Should().Be("object");
        sent.ToString().Should().NotContain("is_error").And.NotContain("x_anthropic");

        async Task<(JsonArray Content, string? StopReason)> AskAsync(string body)
        {
            if (!streamed)
            {
                var (response, answer) = await scenario.PostAsync(Path, body);
                response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
                return (JsonNode.Parse(answer.At("content").GetRawText())!.AsArray(), answer.At("stop_reason").GetString());
            }

            var (_, stream) = await scenario.PostStreamAsync(Path, body[..^1] + ",\"stream\":true}");
            return Assemble(Events(stream));
        }
    }

    [Theory]
    [InlineData("again", false)]
    [InlineData("again", true)]
    [InlineData("moa", true)]
    public async Task Every_call_of_a_conversation_has_an_id_of_its_own_though_its_model_counts_anew(string model, bool streamed)
    {
        SimulatedModel Counting(string id) => SimulatedModel.Answering(id, static r => new SimulatedAnswer { ToolCalls = [new("look", $$"""{"at":{{r.Messages.Length}}}""", "call_0")] });
        await using var scenario = await GatewayScenario.StartAsync(
            [.. new[] { "a", "b", "c", "s" }.Select(Counting)], more: "[profiles.again]\ntype = \"cascade\"\nupstreams = [\"a\"]\n");
        var messages = new JsonArray(JsonNode.Parse("""{"role":"user","content":"x"}"""));
        var ids = new List<string>();

        for (var turn = 0; turn < 3; turn++)
        {
            var body = $$$"""{"model":"{{{model}}}","max_tokens":9,"stream":{{{(streamed ? "true" : "false")}}},"tools":[{"name":"look","input_schema":{"type":"object"}}],"messages":{{{messages.ToJsonString()}}}}""";
            var content = streamed
                ? Assemble([.. (await scenario.PostStreamAsync(Path, body)).Stream.Chunks]).Content
                : JsonNode.Parse((await scenario.PostAsync(Path, body)).Body.At("content").GetRawText())!.AsArray();
            ids.Add(content.Single()!["id"]!.GetValue<string>());
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() });
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = ids[^1], ["content"] = $"output {turn}" }) });
        }

        ids.Should().OnlyHaveUniqueItems().And.HaveElementAt(0, "call_0");
        var sent = scenario.Models.ChatCalls.Last(static c => c.Model is "a").Json.At("messages").EnumerateArray().ToList();
        sent.Where(static m => m.At("role").GetString() is "tool").Select(static m => m.At("tool_call_id").GetString()).Should().AllBe("call_0", "a model is sent what it made");
        sent.Where(static m => m.At("role").GetString() is "tool").Select(static m => m.At("content").GetString()).Should().Equal("output 0", "output 1");
    }

    [Theory]
    [InlineData("""{"type":"any","disable_parallel_tool_use":true}""", "\"required\"", true)]
    [InlineData("""{"type":"none"}""", "\"none\"", false)]
    [InlineData("""{"type":"tool","name":"n"}""", """{"type":"function","function":{"name":"n"}}""", false)]
    public async Task Choices_have_a_chat_form(string choice, string expected, bool isSingle)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        await scenario.PostAsync(Path, $$$"""{"model":"b","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"n","input_schema":{},"cache_control":{"type":"ephemeral"}}],"tool_choice":{{{choice}}}}""");

        var sent = scenario.Models.ChatCalls.First().Json;
        sent.At("tool_choice").GetRawText().Should().Be(expected);
        sent.TryGetProperty("parallel_tool_calls", out var parallel).Should().Be(isSingle);
        (isSingle && parallel.GetBoolean()).Should().BeFalse();
        sent.At("tools[0]").TryGetProperty("cache_control", out _).Should().BeFalse("only Anthropic's models know it");
    }

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},", true)]
    [InlineData("", false)]
    public async Task Reasoning_is_shown_as_thinking_to_who_asked_for_it(string wish, bool isShown)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, whole) = await scenario.PostAsync(Path, $$"""{"model":"c",{{wish}}"max_tokens":2000,"messages":[{"role":"user","content":"x"}]}""");
        var (_, stream) = await scenario.PostStreamAsync(Path, $$"""{"model":"c",{{wish}}"max_tokens":2000,"stream":true,"messages":[{"role":"user","content":"x"}]}""");

        var kinds = isShown ? new[] { "thinking", "text" } : ["text"];
        whole.At("content").EnumerateArray().Select(b => b.At("type").GetString()).Should().Equal(kinds);
        whole.At("stop_reason").GetString().Should().Be("max_tokens");
        var (content, stop) = Assemble(Events(stream));
        content.Select(b => b!["type"]!.GetValue<string>()).Should().Equal(kinds);
        stop.Should().Be("max_tokens");
        if (isShown)
        {
            content[0]!["thinking"]!.GetValue<string>().Should().Be("hmm, long");
            whole.At("content[0].thinking").GetString().Should().Be("hmm, long");
        }
    }

    [Fact]
    public async Task Pings_leave_while_the_model_thinks()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "late") with { Fault = new(SimulatedFaultKind.Stall) }, .. Models[1..]], server: "stream_head_grace_secs = 0");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent("""{"model":"a","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json"),
        };

        using var response = await scenario.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var lines = new List<string>();
        while (lines.Count < 5)
        {
            lines.Add((await reader.ReadLineAsync())!);
        }

        lines[0].Should().Be("event: message_start");
        lines[3..5].Should().Equal("event: ping", """data: {"type":"ping"}""");
    }

    [Fact]
    public async Task A_failure_after_the_head_is_an_error_event()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "one two three four") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 2 } }, .. Models[1..]]);

        var (response, stream) = await scenario.PostStreamAsync(Path, """{"model":"a","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}""");

        var last = stream.Events.Last();
        last.Event.Should().Be("error");
        last.Json.At("type").GetString().Should().Be("error");
        last.Json.At("error.type").GetString().Should().Be("api_error");
        last.Json.At("request_id").GetString().Should().Be(response.Header("request-id"));
        stream.Broken.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"model":"a","messages":[{"role":"user","content":"x"}]}""", 400, "invalid_request_error", "max_tokens")]
    [InlineData("""{"max_tokens":1,"messages":[]}""", 400, "invalid_request_error", "model")]
    [InlineData("""{"model":"nobody","max_tokens":1,"messages":[{"role":"user","content":"x"}]}""", 404, "not_found_error", "model")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[]}""", 400, "invalid_request_error", "messages")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}""", 400, "invalid_request_error", "messages[0].content[0].source.type")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_use","id":"i","name":"n","input":{}}]}]}""", 400, "invalid_request_error", "messages[0].content[0].type")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"king","content":"x"}]}""", 400, "invalid_request_error", "messages[0].role")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"tool","name":"web_search"}}""", 400, "invalid_request_error", "tool_choice")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"n"}]}""", 400, "invalid_request_error", "tools[0].input_schema")]
    [InlineData("""{"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}],"system":{"a":1}}""", 400, "invalid_request_error", "system")]
    [InlineData("""nothing""", 400, "invalid_request_error", null)]
    public async Task Errors_have_Anthropics_shape(string body, int status, string type, string? param)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, answer) = await scenario.PostAsync(Path, body);

        ((int)response.StatusCode).Should().Be(status, "{0}", answer);
        answer.At("type").GetString().Should().Be("error");
        answer.At("error.type").GetString().Should().Be(type);
        answer.At("error.message").GetString().Should().NotBeEmpty();
        (answer.At("error").TryGetProperty("param", out var found) ? found.GetString() : null).Should().Be(param);
        answer.At("request_id").GetString().Should().Be(response.Header("request-id"));
    }

    [Fact]
    public async Task A_wrong_key_an_upstreams_refusal_and_a_wrong_method_have_Anthropics_shape_too()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "x") with { Fault = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 7 } }, .. Models[1..]], server: "bearer_token = \"secret\"", upstream: "retries = 0");
        var body = """{"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}]}""";

        var (unknown, unknownBody) = await scenario.PostAsync(Path, body);
        scenario.Client.DefaultRequestHeaders.Add("x-api-key", "secret");
        var (busy, busyBody) = await scenario.PostAsync(Path, body);
        var get = await scenario.Client.GetAsync(Path);

        unknown.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        unknownBody.At("error.type").GetString().Should().Be("authentication_error");
        busy.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        busyBody.At("error.type").GetString().Should().Be("rate_limit_error");
        busy.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().Be(7);
        get.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        JsonElement.Parse(await get.Content.ReadAsStringAsync()).At("type").GetString().Should().Be("error");
    }

    [Fact]
    public async Task Tokens_are_counted_without_asking_a_model()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(
            Path + "/count_tokens", $$$"""{"model":"moa","messages":[{"role":"user","content":"{{{new string('x', 4000)}}}"}],"tools":[{"name":"n","input_schema":{"type":"object"}}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("input_tokens").GetInt32().Should().BeInRange(900, 1700);
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task Mutilated_requests_never_break_the_gateway()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        const string Whole = """{"model":"s","max_tokens":5,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"document","source":{"type":"text","data":"d","media_type":"text/plain"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"g"},{"type":"tool_use","id":"i","name":"n","input":{"k":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"r"}],"is_error":false}]}],"tools":[{"name":"n","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"n"},"thinking":{"type":"enabled","budget_tokens":1024},"stop_sequences":["e"],"output_config":{"format":{"type":"json_schema","schema":{}}},"top_k":1}""";
        string[] values = ["null", "true", "-1", "1e400", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[]]]", "{\"type\":5}", "{\"\\ud800\":1}"];

        await Seeded.RunAsync(80, async random =>
        {
            var spots = Spots(JsonNode.Parse(Whole)!).ToList();
            var text = Whole.Replace(spots[random.Next(spots.Count)], values[random.Next(values.Length)], StringComparison.Ordinal);
            var (response, answer) = await scenario.PostAsync(Path, text);
            ((int)response.StatusCode).Should().BeOneOf([200, 400, 404, 501], "{0} gave {1}", text, answer);
        });
    }

    private static IEnumerable<string> Spots(JsonNode node)
    {
        yield return node.ToJsonString();
        var children = node switch
        {
            JsonObject o => o.Select(p => p.Value),
            JsonArray a => a,
            _ => [],
        };
        foreach (var spot in children.OfType<JsonNode>().SelectMany(Spots))
        {
            yield return spot;
        }
    }

    /// <summary>What a client makes of the events: the content, and why it stopped. Fails where blocks overlap or skip an index.</summary>
    internal static (JsonArray Content, string? StopReason) Assemble(List<JsonElement> events)
    {
        var content = new JsonArray();
        var input = new StringBuilder();
        JsonObject? open = null;
        foreach (var e in events)
        {
            switch (Type(e))
            {
                case "content_block_start":
                    open.Should().BeNull();
                    e.At("index").GetInt32().Should().Be(content.Count);
                    open = JsonNode.Parse(e.At("content_block").GetRawText())!.AsObject();
                    content.Add(open);
                    input.Clear();
                    break;
                case "content_block_delta":
                    e.At("index").GetInt32().Should().Be(content.Count - 1);
                    switch (e.At("delta.type").GetString())
                    {
                        case "text_delta":
                            open!["text"] = open["text"]!.GetValue<string>() + e.At("delta.text").GetString();
                            break;
                        case "thinking_delta":
                            open!["thinking"] = open["thinking"]!.GetValue<string>() + e.At("delta.thinking").GetString();
                            break;
                        case "signature_delta":
                            open!["signature"] = e.At("delta.signature").GetString();
                            break;
                        case "input_json_delta":
                            input.Append(e.At("delta.partial_json").GetString());
                            open!["input"] = JsonNode.Parse(IsJson(input.ToString()) ? input.ToString() : "{}");
                            break;
                    }

                    break;
                case "content_block_stop":
                    open.Should().NotBeNull();
                    open = null;
                    break;
            }
        }

        open.Should().BeNull();
        return (content, events.Single(e => Type(e) == "message_delta").At("delta.stop_reason").GetString());
    }

    private static bool IsJson(string text)
    {
        try
        {
            JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static List<JsonElement> Events(SseCapture stream)
    {
        stream.Events.Should().OnlyContain(e => e.Json.GetProperty("type").GetString() == e.Event);
        return [.. stream.Chunks.Where(e => Type(e) != "ping")];
    }

    private static string Type(JsonElement e) => e.At("type").GetString()!;

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

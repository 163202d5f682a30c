using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Upstreams that think before they call, and refuse a call in the history that comes without what they thought.</summary>
public sealed class ReturnedReasoningTests
{
    private const string ChatTools = """ "tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}] """;

    public static TheoryData<string, string, bool> Everywhere()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var profile in (string[])["a", "cascade", "moa"])
        {
            foreach (var door in (string[])["chat", "responses", "messages"])
            {
                data.Add(profile, door, false);
                data.Add(profile, door, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Three_rounds_of_tools_end_well_and_everybody_sees_its_own_thoughts_only(string profile, string door, bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Thinking("a"), Thinking("b"), Thinking("c"), Thinking("s")]);
        var talk = new Talk(scenario, door, profile, stream);

        var (first, second) = (await talk.AskAsync("the first output"), await talk.AskAsync("the second output"));
        var end = await talk.AskAsync(null);

        first.Should().NotBeEmpty();
        second.Should().NotBeEmpty().And.NotBe(first);
        end.Should().BeEmpty("the third answer is text");
        var authors = new[] { first, second }.Select(id => id.Split('-')[0]).ToArray();
        foreach (var call in scenario.Models.ChatCalls)
        {
            foreach (var other in (string[])["a", "b", "c", "s"])
            {
                if (other != call.Model)
                {
                    call.BodyText.Should().NotContain($"{other} thinks");
                }
            }
        }

        foreach (var author in authors.Distinct())
        {
            scenario.Models.ChatCalls.Last(c => c.Model == author).BodyText.Should().Contain($"{author} thinks \\u003c1\\ud83d\\ude00");
        }
    }

    [Theory]
    [InlineData("chat", false)]
    [InlineData("chat", true)]
    [InlineData("responses", true)]
    [InlineData("messages", true)]
    public async Task Ids_that_count_do_not_mix_up_conversations(string door, bool stream)
    {
        var model = SimulatedModel.Answering("a", r => r.Messages[^1].Role is "tool"
            ? SimulatedAnswer.Of("done")
            : Answer("functions.look:0", $"about {r.LastUserText}", r.Stream));
        await using var scenario = await GatewayScenario.StartAsync([model]);
        Talk[] talks = [new(scenario, door, "a", stream, "Rome"), new(scenario, door, "a", stream, "Oslo")];

        foreach (var talk in talks)
        {
            await talk.AskAsync("output");
        }

        foreach (var talk in talks)
        {
            await talk.AskAsync(null);
        }

        var bodies = scenario.Models.ChatCalls.TakeLast(2).Select(c => c.BodyText).ToArray();
        bodies[0].Should().Contain("about Rome").And.NotContain("about Oslo");
        bodies[1].Should().Contain("about Oslo").And.NotContain("about Rome");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Members_come_back_under_their_own_names_as_they_came(bool stream)
    {
        const string Message = """
            "content":null,"reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"d\u00e9","format":"f","index":0},{"type":"reasoning.encrypted","data":"ZZ=="}],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S/+="}}}]
            """;
        var model = SimulatedModel.Answering("a", r => r.Messages[^1].Role is "tool" ? SimulatedAnswer.Of("done") : !r.Stream
            ? Replay($$$"""{"id":"x","object":"chat.completion","created":1,"model":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant",{{{Message}}}}}]}""", "application/json")
            : Events(
                """{"role":"assistant","content":"","reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"d","format":"f","index":0}]}""",
                """{"reasoning":"","reasoning_details":[{"type":"reasoning.text","text":"\u00e9","format":null,"index":0}]}""",
                """{"reasoning_details":[{"type":"reasoning.encrypted","data":"ZZ=="}]}""",
                """{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":""},"extra_content":{"google":{"thought_signature":"S/+="}}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"""));
        await using var scenario = await GatewayScenario.StartAsync([model]);
        var talk = new Talk(scenario, "chat", "a", stream);

        await talk.AskAsync("output");
        await talk.AskAsync(null);

        var sent = scenario.Models.ChatCalls[^1].BodyText;
        sent.Should().Contain("\"reasoning\":\"r\"")
            .And.Contain("""
                "reasoning_details":[{"type":"reasoning.text","text":"d\u00e9","format":"f","index":0},{"type":"reasoning.encrypted","data":"ZZ=="}]
                """.Trim())
            .And.Contain("\"extra_content\":{\"google\":{\"thought_signature\":\"S/+=\"}}");
        sent.Should().NotContain("reasoning_content");
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_history_made_elsewhere_is_prepared_again_for_who_refuses_it_and_right_from_then_on(string profile, string door, bool stream)
    {
        await using var before = await GatewayScenario.StartAsync([Thinking("a", rounds: 1), Thinking("b", rounds: 1), Thinking("c", rounds: 1), Thinking("s", rounds: 1)]);
        var talk = new Talk(before, door, profile, stream, "Why must reasoning_content be passed back?");
        await talk.AskAsync("output");
        await using var scenario = await GatewayScenario.StartAsync([Thinking("a", rounds: 1), Thinking("b", rounds: 1), Thinking("c", rounds: 1), Thinking("s", rounds: 1)]);
        talk = talk.At(scenario);

        (await talk.AskAsync(null)).Should().BeEmpty("the answer is text");
        var first = scenario.Models.ChatCalls.GroupBy(c => c.Model).ToDictionary(g => g.Key!, g => g.Count());
        (await talk.AskAsync(null)).Should().BeEmpty();

        first.Values.Should().OnlyContain(n => n <= 2, "a refusal is answered once").And.Contain(2);
        foreach (var calls in scenario.Models.ChatCalls.GroupBy(c => c.Model))
        {
            calls.Skip(first[calls.Key!]).Should().HaveCountLessThanOrEqualTo(1, "the second time nothing is refused");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_refused_back_is_left_out_in_the_same_call_although_the_conversation_is_about_it(bool stream)
    {
        var model = SimulatedModel.Answering("a", r => r.Root.GetProperty("messages").GetRawText().Contains("\"reasoning_content\":", StringComparison.Ordinal)
            ? Replay("""{"error":{"message":"messages.1.assistant.reasoning_content: Extra inputs are not permitted","type":"invalid_request_error"}}""", "application/json", 400)
            : r.Messages[^1].Role is "tool" ? SimulatedAnswer.Of("done") : Answer("a-1-0123456789abcdef0", "hm", r.Stream));
        await using var scenario = await GatewayScenario.StartAsync([model]);
        var talk = new Talk(scenario, "chat", "a", stream, "What is reasoning_content?");

        await talk.AskAsync("output");
        (await talk.AskAsync(null)).Should().BeEmpty();
        (await talk.AskAsync(null)).Should().BeEmpty();

        scenario.Models.ChatCalls.Should().HaveCount(4, "it is refused once, and not sent again");
    }

    [Fact]
    public async Task A_refusal_that_preparing_again_does_not_change_is_told_at_once()
    {
        var model = SimulatedModel.Answering("a", _ => Replay("""{"error":{"message":"reasoning_content must be passed back","type":"invalid_request_error"}}""", "application/json", 400));
        await using var scenario = await GatewayScenario.StartAsync([model]);

        var (response, _) = await scenario.AskAsync("a");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        scenario.Models.ChatCalls.Should().ContainSingle();
    }

    [Fact]
    public async Task What_the_client_sends_itself_goes_on_as_it_came()
    {
        await using var scenario = await GatewayScenario.StartAsync([Thinking("a")]);
        var talk = new Talk(scenario, "chat", "a", stream: false);
        await talk.AskAsync("output", reasoning: "what I make of it");

        await talk.AskAsync("output");

        scenario.Models.ChatCalls[^1].BodyText.Should().Contain("\"reasoning_content\":\"what I make of it\"").And.NotContain("a thinks");
    }

    [Fact]
    public async Task What_one_model_of_a_server_wants_is_not_sent_to_another()
    {
        await using var scenario = await GatewayScenario.StartAsync([Thinking("a", rounds: 1), SimulatedModel.Saying("b", "done")]);
        const string Messages = """
            "messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"seen"}]
            """;

        var (learnt, _) = await scenario.PostAsync("/v1/chat/completions", $$"""{"model":"a",{{Messages}},{{ChatTools}}}""");
        await scenario.PostAsync("/v1/chat/completions", $$"""{"model":"b",{{Messages}},{{ChatTools}}}""");

        learnt.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Last(static c => c.Model is "a").BodyText.Should().Contain("reasoning_content");
        scenario.Models.ChatCalls.Last(static c => c.Model is "b").BodyText.Should().NotContain("reasoning_content");
    }

    [Fact]
    public async Task Nobody_who_shows_no_reasoning_is_sent_any_member_for_it()
    {
        var plain = SimulatedModel.Answering("a", r => r.Messages[^1].Role is "tool" ? SimulatedAnswer.Of("done") : new SimulatedAnswer { ToolCalls = [new("look", "{}", "call_1")] });
        await using var scenario = await GatewayScenario.StartAsync([plain]);
        var talk = new Talk(scenario, "chat", "a", stream: true);

        await talk.AskAsync("output");
        await talk.AskAsync(null);

        scenario.Models.ChatCalls[^1].BodyText.Should().NotContain("reasoning");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_without_ids_of_their_own_are_known_by_what_they_call(bool stream)
    {
        var model = SimulatedModel.Answering("a", r => r.Messages[^1].Role is "tool" ? SimulatedAnswer.Of("done") : !r.Stream
            ? Replay("""{"id":"x","object":"chat.completion","created":1,"model":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"type":"function","function":{"name":"look","arguments":"{\"a\":1, \"b\":2}"}}]}}]}""", "application/json")
            : Events("""{"role":"assistant","reasoning_content":"hm"}""", """{"tool_calls":[{"index":0,"type":"function","function":{"name":"look","arguments":"{\"a\":1, \"b\":2}"}}]}"""));
        await using var scenario = await GatewayScenario.StartAsync([model]);
        var talk = new Talk(scenario, "chat", "a", stream);

        await talk.AskAsync("output");
        await talk.AskAsync(null);

        scenario.Models.ChatCalls[^1].BodyText.Should().Contain("\"reasoning_content\":\"hm\"");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_conversation_that_goes_on_begins_for_each_upstream_as_it_did(string profile)
    {
        await using var scenario = await GatewayScenario.StartAsync([Thinking("a", rounds: 4), Thinking("b", rounds: 4), Thinking("c", rounds: 4), Thinking("s", rounds: 4)], upstream: "modalities = [\"text\", \"image\"]");
        var talk = new Talk(scenario, "chat", profile, stream: false);

        await talk.AskAsync("one");
        await talk.AskAsync("""[{"type":"text","text":"two"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""", between: true);
        await talk.AskAsync("three");
        await talk.AskAsync(null);

        foreach (var calls in scenario.Models.ChatCalls.GroupBy(c => c.Model).Where(g => g.Key != "s" || profile != "moa"))
        {
            var last = "";
            foreach (var call in calls)
            {
                var messages = JsonNode.Parse(call.BodyText)!["messages"]!.AsArray();
                var text = call.Json.GetProperty("messages").GetRawText();
                text.Should().StartWith(last, $"{calls.Key} is sent {messages.Count} messages");
                last = text[..^1];
            }
        }
    }

    /// <summary>Calls <c>look</c> for a number of rounds, then says so. What comes without its thoughts, or with another's, is refused.</summary>
    private static SimulatedModel Thinking(string id, int rounds = 2) => SimulatedModel.Answering(id, r =>
    {
        var calls = 0;
        foreach (var message in r.Root.GetProperty("messages").EnumerateArray())
        {
            if (!message.TryGetProperty("tool_calls", out _))
            {
                continue;
            }

            calls++;
            if (!message.TryGetProperty("reasoning_content", out var thoughts) || thoughts.GetString() is not { Length: > 0 })
            {
                return Replay("""{"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the API.","type":"invalid_request_error","code":"invalid_request_error"}}""", "application/json", 400);
            }
        }

        return calls < rounds ? Answer($"{id}-{calls}-0123456789abcdef0", $"{id} thinks \\u003c{calls + 1}\\ud83d\\ude00", r.Stream) : SimulatedAnswer.Of($"all done after {calls}");
    });

    // Reasoning is the inside of a JSON string, half of a surrogate pair in each of two events.
    private static SimulatedAnswer Answer(string callId, string reasoning, bool stream)
    {
        if (!stream)
        {
            return Replay(
                $$$"""{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"reasoning_content":"{{{reasoning}}}","tool_calls":[{"id":"{{{callId}}}","type":"function","function":{"name":"look","arguments":"{}"}}]}}]}""",
                "application/json");
        }

        var half = reasoning.IndexOf("\\ude00", StringComparison.Ordinal) is >= 0 and var at ? at : reasoning.Length / 2;
        return Events(
            """{"role":"assistant","content":null,"reasoning_content":""}""",
            $$"""{"reasoning_content":"{{reasoning[..half]}}"}""",
            $$"""{"reasoning_content":"{{reasoning[half..]}}"}""",
            $$$"""{"tool_calls":[{"index":0,"id":"{{{callId}}}","type":"function","function":{"name":"look","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""");
    }

    private static SimulatedAnswer Events(params string[] deltas) => Replay(
        string.Concat(deltas.Select(d => $$"""data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{d}},"finish_reason":null}]}""" + "\n\n"))
            + """data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""" + "\n\ndata: [DONE]\n\n",
        "text/event-stream");

    private static SimulatedAnswer Replay(string text, string type, int status = 200) => new() { Replay = new(status, type, [Encoding.UTF8.GetBytes(text)]) };

    /// <summary>A client that knows nothing of reasoning, at one of the doors.</summary>
    private sealed class Talk(GatewayScenario scenario, string door, string profile, bool stream, string question = "Look!")
    {
        private List<string> _history = [door is "responses" ? $$"""{"type":"message","role":"user","content":"{{question}}"}""" : $$"""{"role":"user","content":"{{question}}"}"""];

        /// <summary>The same conversation at another gateway.</summary>
        public Talk At(GatewayScenario other) => new(other, door, profile, stream, question) { _history = [.. _history] };

        /// <summary>Asks, and puts the call and its output into the history. The call's id; empty = the answer is text.</summary>
        public async Task<string> AskAsync(string? output, string? reasoning = null, bool between = false)
        {
            var (path, members) = door switch
            {
                "chat" => ("/v1/chat/completions", $"\"messages\":[{string.Join(',', _history)}],{ChatTools}"),
                "responses" => ("/v1/responses", $"\"input\":[{string.Join(',', _history)}]," + """ "tools":[{"type":"function","name":"look","parameters":{"type":"object"}}] """),
                _ => ("/v1/messages", $"\"max_tokens\":1000,\"messages\":[{string.Join(',', _history)}]," + """ "tools":[{"name":"look","input_schema":{"type":"object"}}] """),
            };
            var id = await CallAsync(path, $$"""{"model":"{{profile}}","stream":{{(stream ? "true" : "false")}},{{members}}}""");
            if (id.Length == 0)
            {
                return id;
            }

            var content = output is ['[', ..] ? output : JsonSerializer.Serialize(output);
            var thought = reasoning is null ? "" : $",\"reasoning_content\":\"{reasoning}\"";
            _history.AddRange(door switch
            {
                "chat" =>
                [
                    $$$"""{"role":"assistant","content":null{{{thought}}},"tool_calls":[{"id":"{{{id}}}","type":"function","function":{"name":"look","arguments":"{\"b\":2,\"a\":1}"}}]}""".Replace(
                        "{\\\"b\\\":2,\\\"a\\\":1}", _arguments, StringComparison.Ordinal),
                    .. between ? (string[])["""{"role":"user","content":"by the way"}"""] : [],
                    $$"""{"role":"tool","tool_call_id":"{{id}}","content":{{content}}}""",
                ],
                "responses" => [$$"""{"type":"function_call","call_id":"{{id}}","name":"look","arguments":"{}"}""", $$"""{"type":"function_call_output","call_id":"{{id}}","output":{{content}}}"""],
                _ =>
                [
                    $$$"""{"role":"assistant","content":[{"type":"tool_use","id":"{{{id}}}","name":"look","input":{}}]}""",
                    $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"{{id}}","content":{{content}}}]}""",
                ],
            });
            return id;
        }

        private string _arguments = "{}";

        private async Task<string> CallAsync(string path, string body)
        {
            if (!stream)
            {
                var (response, json) = await scenario.PostAsync(path, body);
                response.StatusCode.Should().Be(HttpStatusCode.OK, json.ToString());
                return Find(json);
            }

            var (head, events) = await scenario.PostStreamAsync(path, body);
            head.StatusCode.Should().Be(HttpStatusCode.OK);
            return events.Chunks.Select(Find).FirstOrDefault(id => id.Length > 0) ?? "";
        }

        private string Find(JsonElement json)
        {
            if (json.ValueKind is JsonValueKind.Array)
            {
                return json.EnumerateArray().Select(Find).FirstOrDefault(id => id.Length > 0) ?? "";
            }

            if (json.ValueKind is not JsonValueKind.Object)
            {
                return "";
            }

            if (json.TryGetProperty("call_id", out var id) || (json.TryGetProperty("type", out var type) && type.ValueEquals("tool_use") && json.TryGetProperty("id", out id))
                || (json.TryGetProperty("function", out var function) && json.TryGetProperty("id", out id)))
            {
                if (json.TryGetProperty("function", out function) && function.TryGetProperty("arguments", out var arguments) && arguments.GetString() is { Length: > 2 } text)
                {
                    _arguments = JsonSerializer.Serialize(text)[1..^1].Replace("\\u0022", "\\\"", StringComparison.Ordinal);
                }

                return id.GetString() ?? "";
            }

            return json.EnumerateObject().Select(m => Find(m.Value)).FirstOrDefault(found => found.Length > 0) ?? "";
        }
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class ToolTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"}}},{"type":"function","function":{"name":"search","parameters":{"type":"object"}}}]
        """;

    private static readonly SimulatedModel[] Writers =
    [
        SimulatedModel.Saying("a", "alpha says red"),
        SimulatedModel.Saying("b", "beta says green"),
        SimulatedModel.Saying("c", "gamma says blue"),
        SimulatedModel.Saying("s", "the synthesis"),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_declared_call_passes_through_one_upstream(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "get_weather", """{"city":"Oslo"}"""), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "a", Tools, stream);

        answer.Calls.Should().Equal(("get_weather", """{"city":"Oslo"}"""));
        answer.FinishReason.Should().Be("tool_calls");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_near_miss_is_resolved_to_the_declared_name(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "functions.Get_Weather<|channel|>commentary", "{}"), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "a", Tools, stream);

        answer.Calls.Should().Equal(("get_weather", "{}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undeclared_call_alone_is_an_error_of_the_upstream(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "rm_rf", "{}"), .. Writers[1..]]);

        using var response = stream
            ? await scenario.SendStreamAsync("a", Tools, "Hello?", default)
            : (await scenario.AskAsync("a", Tools)).Response;

        (await response.ShouldBeErrorAsync(System.Net.HttpStatusCode.BadGateway, "upstream_protocol_error")).GetProperty("message").GetString()
            .Should().NotContain("rm_rf");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_beside_an_undeclared_call_is_the_answer(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "rm_rf", "{}", "some text"), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "a", Tools, stream);

        answer.Should().BeEquivalentTo(new { Text = "some text", FinishReason = "stop" });
        answer.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_of_the_older_form_is_answered_in_it(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "get_weather", """{"city":"Oslo"}"""), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "a", """ "functions":[{"name":"get_weather"}] """, stream);

        answer.FunctionCall.Should().Be(("get_weather", """{"city":"Oslo"}"""));
        answer.Calls.Should().BeEmpty();
        answer.FinishReason.Should().Be("function_call");
        scenario.Models.ChatCalls.Single().Json.TryGetProperty("functions", out _).Should().BeFalse("upstreams get the newer form");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cascade_goes_on_when_a_member_calls_something_undeclared(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "rm_rf", "{}"), Calling("b", "search", "{}"), .. Writers[2..]]);

        var answer = await AskAsync(scenario, "cascade", Tools + ",\"x_meta_model\":{\"trace\":true}", stream);

        answer.Calls.Should().Equal(("search", "{}"));
        answer.Trace.GetProperty("calls").EnumerateArray().First().GetProperty("reason").GetString().Should().Be("undeclared_tool");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cascade_goes_on_when_a_member_does_not_make_the_call_that_is_required(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Writers[0], Calling("b", "search", "{}"), .. Writers[2..]]);

        var answer = await AskAsync(scenario, "cascade", Tools + ",\"tool_choice\":\"required\"", stream);

        answer.Calls.Should().Equal(("search", "{}"));
        answer.Text.Should().BeNullOrEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drafts_that_vote_to_write_are_merged_without_tools(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "search", "{}"), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "moa", Tools + Traced, stream);

        answer.Should().BeEquivalentTo(new { Text = "the synthesis", FinishReason = "stop", Decision = "merged" });
        var synthesis = scenario.Models.ChatCalls.Single(c => c.Model == "s");
        synthesis.Json.TryGetProperty("tools", out _).Should().BeFalse();
        synthesis.BodyText.Should().NotContain("proposed calls");
        IsStreamed(synthesis).Should().Be(stream);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drafts_that_vote_to_call_let_the_synthesizer_call_validated(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Calling("a", "search", """{"q":"x"}"""), Calling("b", "search", """{"q":"y"}"""), Writers[2], Calling("s", "search", """{"q":"merged"}""")]);

        var answer = await AskAsync(scenario, "moa", Tools + Traced, stream);

        answer.Calls.Should().Equal(("search", """{"q":"merged"}"""));
        answer.Should().BeEquivalentTo(new { Decision = "merged", FallbackReason = "none", FinishReason = "tool_calls" });
        var synthesis = scenario.Models.ChatCalls.Single(c => c.Model == "s");
        synthesis.Json.GetProperty("tools").GetArrayLength().Should().Be(2);
        synthesis.BodyText.Should().Contain("proposed calls");
        IsStreamed(synthesis).Should().BeFalse("a call is validated before it is released");
    }

    [Fact]
    public async Task A_synthesizer_that_writes_where_the_drafts_call_leaves_their_most_frequent_call()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Calling("a", "search", """{"q":"x"}"""), Calling("b", "search", """{"q":"y"}"""), Calling("c", "search", """{ "q" : "y" }"""), Writers[3]]);

        var answer = await AskAsync(scenario, "moa", Tools + Traced, stream: false);

        answer.Calls.Should().Equal(("search", """{"q":"y"}"""));
        answer.Should().BeEquivalentTo(new { Decision = "tool_preserved", FallbackReason = "none" });
    }

    [Theory]
    [InlineData("\"required\"", "tool_required_repaired")]
    [InlineData("""{"type":"function","function":{"name":"search"}}""", "tool_choice_repaired")]
    public async Task A_synthesis_that_does_not_call_is_repaired_from_the_drafts(string choice, string label)
    {
        await using var scenario = await GatewayScenario.StartAsync([Writers[0], Calling("b", "search", "{}"), .. Writers[2..]]);

        var answer = await AskAsync(scenario, "moa", $"{Tools},\"tool_choice\":{choice}{Traced}", stream: false);

        answer.Calls.Should().Equal(("search", "{}"));
        answer.Should().BeEquivalentTo(new { Decision = "merged_with_repair", FallbackReason = label });
    }

    [Fact]
    public async Task A_synthesis_that_calls_something_undeclared_is_repaired_from_the_drafts()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Calling("a", "search", "{}"), Calling("b", "search", "{}"), Calling("c", "search", "{}"), Calling("s", "rm_rf", "{}")]);

        var answer = await AskAsync(scenario, "moa", Tools + Traced, stream: false);

        answer.Calls.Should().Equal(("search", "{}"));
        answer.Should().BeEquivalentTo(new { Decision = "merged_with_repair", FallbackReason = "undeclared_tool_repaired" });
    }

    [Theory]
    [InlineData("\"required\"", "tool_required_unmet")]
    [InlineData("""{"type":"function","function":{"name":"search"}}""", "tool_choice_unmet")]
    public async Task A_demand_that_nobody_meets_is_a_typed_error(string choice, string reason)
    {
        await using var scenario = await GatewayScenario.StartAsync(Writers);

        var (response, _) = await scenario.AskAsync("moa", $"{Tools},\"tool_choice\":{choice}");

        (await response.ShouldBeErrorAsync(System.Net.HttpStatusCode.BadGateway, "synthesis_failed")).GetProperty("message").GetString().Should().Contain(reason);
        Header(response, "X-MetaModel-Quorum").Should().Be("3");
    }

    [Fact]
    public async Task Candidates_that_all_break_the_contract_are_no_quorum()
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "rm_rf", "{}"), Calling("b", "rm_rf", "{}"), Calling("c", "rm_rf", "{}"), Writers[3]]);

        var (response, _) = await scenario.AskAsync("moa", Tools);

        await response.ShouldBeErrorAsync(System.Net.HttpStatusCode.ServiceUnavailable, "no_quorum_after_constraint", "service_unavailable_error");
        Header(response, "X-MetaModel-Quorum").Should().Be("0");
        Header(response, "X-MetaModel-Degraded").Should().Be("true");
        Header(response, "X-MetaModel-Failed-Generators").Should().Be("a:undeclared_tool,b:undeclared_tool,c:undeclared_tool");
        var metrics = JsonElement.Parse(await scenario.Client.GetStringAsync("/v1/metrics/moa")).GetProperty("profiles").GetProperty("moa");
        metrics.GetProperty("synth_decisions").GetProperty("no_quorum_after_constraint").GetInt32().Should().Be(1);
        metrics.GetProperty("failure_breakdown").GetProperty("undeclared_tool").GetInt32().Should().Be(3);
    }

    [Fact]
    public async Task A_candidate_that_breaks_the_contract_is_left_out()
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "rm_rf", "{}"), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "moa", Tools + Traced, stream: false);

        answer.Should().BeEquivalentTo(new { Text = "the synthesis", Decision = "merged", FallbackReason = "reduced_quorum" });
        Header(answer.Response, "X-MetaModel-Failed-Generators").Should().Be("a:undeclared_tool");
    }

    [Fact]
    public async Task Calls_nobody_wants_are_taken_out_and_the_text_counts_unlike_the_rejection_before()
    {
        await using var scenario = await GatewayScenario.StartAsync([Calling("a", "search", "{}", "text of a"), .. Writers[1..]]);

        var answer = await AskAsync(scenario, "moa", Tools + ",\"tool_choice\":\"none\"" + Traced, stream: false);

        Header(answer.Response, "X-MetaModel-Quorum").Should().Be("3");
        answer.Decision.Should().Be("merged");
        scenario.Models.ChatCalls.Single(c => c.Model == "s").BodyText.Should().Contain("text of a");
    }

    [Theory]
    [InlineData("skip", 2, "b,c")]
    [InlineData("strip", 3, "b,c")]
    public async Task A_generator_that_cannot_call_is_left_out_or_asked_without_tools(string setting, int generators, string withTools)
    {
        await using var scenario = await GatewayScenario.StartAsync(Writers);
        await using var gateway = await TestGateway.StartAsync($"""
            [upstreams.a]
            model_id = "a"
            base_url = "{scenario.Models.BaseUrl}"
            context = 32768
            max_output = 4096
            supports_function_calling = false
            [upstreams.b]
            model_id = "b"
            base_url = "{scenario.Models.BaseUrl}"
            context = 32768
            max_output = 4096
            [upstreams.c]
            model_id = "c"
            base_url = "{scenario.Models.BaseUrl}"
            context = 32768
            max_output = 4096
            [profiles.moa]
            type = "moa"
            generators = ["a", "b", "c"]
            synthesizer = "c"
            without_functions = "{setting}"
            """);

        using var response = await gateway.Client.PostAsync("/v1/chat/completions", ChatCall.Content(ChatCall.Body("moa", more: Tools)));

        Header(response, "X-MetaModel-Generators").Should().Be(generators.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var drafts = scenario.Models.ChatCalls.Where(c => !c.BodyText.Contains("SYNTHESIS TASK", StringComparison.Ordinal)).ToArray();
        drafts.Should().HaveCount(generators);
        drafts.Where(c => c.Json.TryGetProperty("tools", out _)).Select(c => c.Model).Order().Should().Equal(withTools.Split(','));
    }

    [Fact]
    public async Task With_parallel_off_one_call_reaches_the_client()
    {
        var two = new SimulatedModel { Id = "a", Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", "{}"), new("get_weather", "{}")] } };
        await using var scenario = await GatewayScenario.StartAsync([two, two with { Id = "b" }, two with { Id = "c" }, two with { Id = "s" }]);

        var answer = await AskAsync(scenario, "moa", Tools + ",\"parallel_tool_calls\":false" + Traced, stream: false);

        answer.Calls.Should().Equal(("search", "{}"));
        answer.Should().BeEquivalentTo(new { Decision = "merged_with_repair", FallbackReason = "parallel_violation_trimmed" });
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", true)]
    [InlineData("moa", false)]
    [InlineData("moa", true)]
    public async Task A_function_declared_twice_is_sent_as_it_came_and_is_one_name(string profile, bool stream)
    {
        const string Twice = """
            "tools":[{"type":"function","function":{"name":"search","description":"one"}},{"type":"function","function":{"name":"search","description":"two"}}]
            """;
        await using var scenario = await GatewayScenario.StartAsync([.. "abcs".Select(m => Calling(m.ToString(), "Search", "{}"))]);

        var answer = await AskAsync(scenario, profile, Twice, stream);

        answer.Calls.Should().Equal(("search", "{}"));
        scenario.Models.ChatCalls.Should().OnlyContain(c => c.BodyText.Contains(Twice.Trim(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("find?")]
    [InlineData("a.b/c:d e")]
    [InlineData("wetter_für_東京")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789_longer_than_64")]
    public async Task Whatever_was_declared_may_be_called(string name)
    {
        var tools = $$$"""
            "tools":[{"type":"function","function":{"name":{{{JsonSerializer.Serialize(name)}}}}}],"tool_choice":{"type":"function","function":{"name":{{{JsonSerializer.Serialize(name)}}}}}
            """;
        await using var scenario = await GatewayScenario.StartAsync([.. "abcs".Select(m => Calling(m.ToString(), name, "{}"))]);

        foreach (var (profile, stream) in new[] { ("a", false), ("a", true), ("cascade", false), ("moa", true) })
        {
            (await AskAsync(scenario, profile, tools, stream)).Calls.Should().Equal([(name, "{}")], "{0} passes it on", profile);
        }
    }

    [Fact]
    public async Task The_ring_counts_answers_that_call()
    {
        await using var scenario = await GatewayScenario.StartAsync([.. "abcs".Select(m => Calling(m.ToString(), "search", "{}"))]);

        await AskAsync(scenario, "moa", Tools, stream: true);

        var metrics = JsonElement.Parse(await scenario.Client.GetStringAsync("/v1/metrics/moa")).GetProperty("profiles").GetProperty("moa");
        metrics.GetProperty("tool_call_rate").GetDouble().Should().Be(1);
    }

    private const string Traced = ",\"x_meta_model\":{\"trace\":true}";

    private static SimulatedModel Calling(string id, string name, string arguments, string? text = null) =>
        new() { Id = id, Responder = _ => new SimulatedAnswer { Text = text, ToolCalls = [new SimulatedToolCall(name, arguments)] } };

    private static async Task<Answer> AskAsync(GatewayScenario scenario, string model, string members, bool stream)
    {
        if (!stream)
        {
            var (response, body) = await scenario.AskAsync(model, members);
            var message = body.TryGetProperty("choices", out var choices) ? choices[0].GetProperty("message") : throw new InvalidOperationException(body.ToString());
            return new Answer
            {
                Response = response,
                Text = message.TryGetProperty("content", out var content) ? content.GetString() : null,
                FinishReason = choices[0].GetProperty("finish_reason").GetString(),
                Calls = message.TryGetProperty("tool_calls", out var calls) ? [.. calls.EnumerateArray().Select(c => Function(c.GetProperty("function")))] : [],
                FunctionCall = message.TryGetProperty("function_call", out var call) ? Function(call) : null,
                Trace = body.TryGetProperty("x_meta_model", out var trace) ? trace : default,
            };
        }

        var streamed = await scenario.SendStreamAsync(model, members, "Hello?", default);
        var capture = await streamed.ShouldBeChatStreamAsync();
        var deltas = capture.Chunks.Where(c => c.GetProperty("choices").GetArrayLength() > 0).Select(c => c.GetProperty("choices")[0].GetProperty("delta")).ToArray();
        var pieces = deltas.Where(d => d.TryGetProperty("tool_calls", out _)).SelectMany(d => d.GetProperty("tool_calls").EnumerateArray())
            .GroupBy(c => c.GetProperty("index").GetInt32(), c => Function(c.GetProperty("function")));
        var older = deltas.Where(d => d.TryGetProperty("function_call", out _)).Select(d => Function(d.GetProperty("function_call"))).ToArray();
        return new Answer
        {
            Response = streamed,
            Text = capture.Content,
            FinishReason = capture.FinishReason,
            Calls = [.. pieces.OrderBy(p => p.Key).Select(p => (string.Concat(p.Select(f => f.Name)), string.Concat(p.Select(f => f.Arguments))))],
            FunctionCall = older.Length == 0 ? null : (string.Concat(older.Select(f => f.Name)), string.Concat(older.Select(f => f.Arguments))),
            Trace = capture.Chunks.Select(c => c.TryGetProperty("x_meta_model", out var trace) ? trace : default).LastOrDefault(t => t.ValueKind is JsonValueKind.Object),
        };
    }

    private static bool IsStreamed(RecordedRequest request) => request.Json.TryGetProperty("stream", out var stream) && stream.GetBoolean();

    private static (string Name, string Arguments) Function(JsonElement function) => (
        function.TryGetProperty("name", out var name) ? name.GetString()! : "",
        function.TryGetProperty("arguments", out var arguments) ? arguments.GetString()! : "");

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private sealed record Answer
    {
        public required HttpResponseMessage Response { get; init; }

        public string? Text { get; init; }

        public string? FinishReason { get; init; }

        public ImmutableArray<(string Name, string Arguments)> Calls { get; init; }

        public (string Name, string Arguments)? FunctionCall { get; init; }

        public JsonElement Trace { get; init; }

        public string? Decision => Trace.ValueKind is JsonValueKind.Object ? Trace.GetProperty("decision").GetString() : null;

        public string? FallbackReason => Trace.ValueKind is JsonValueKind.Object ? Trace.GetProperty("fallback_reason").GetString() : null;
    }
}

using System.Text.Json;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class AnswerLadderTests
{
    private const string Trace = "\"x_meta_model\":{\"trace\":true}";

    private const string SecondUpstream = "[upstreams.t]\nmodel_id = \"t\"\nbase_url = \"$BASE_URL\"\ncontext = 32768\nmax_output = 4096";

    private static readonly SimulatedFault Broken = new(SimulatedFaultKind.Status) { Status = 500 };

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Saying("a", "the sky is red today"),
        SimulatedModel.Saying("b", "the sky is blue today"),
        SimulatedModel.Saying("c", "the sky is blue"),
        SimulatedModel.Saying("s", "the synthesis"),
    ];

    private static readonly SimulatedModel Second = SimulatedModel.Saying("t", "the second synthesis");

    [Theory]
    [InlineData(SimulatedFaultKind.Status, false)]
    [InlineData(SimulatedFaultKind.Status, true)]
    [InlineData(SimulatedFaultKind.Empty, false)]
    [InlineData(SimulatedFaultKind.Empty, true)]
    [InlineData(SimulatedFaultKind.BadJson, false)]
    [InlineData(SimulatedFaultKind.BadSse, true)]
    public async Task A_second_synthesizer_writes_when_the_first_gives_nothing(object fault, bool stream)
    {
        await using var scenario = await StartAsync(Models[3] with { Fault = new((SimulatedFaultKind)fault) }, withSecond: true);

        (await AskAsync(scenario, stream)).Should().Be(("the second synthesis", "merged", "synthesizer_fallback"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_both_synthesizers_fail_the_draft_most_like_the_others_is_the_answer(bool stream)
    {
        await using var scenario = await StartAsync(Models[3] with { Fault = Broken }, withSecond: true, Second with { Fault = Broken });

        (await AskAsync(scenario, stream)).Should().Be(("the sky is blue today", "fallback_primary", "synth_failed_picked_primary"));
    }

    [Fact]
    public async Task A_second_synthesizer_makes_the_call_too()
    {
        var calling = new SimulatedModel { Id = "a", Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", """{"q":1}""")] } };
        await using var scenario = await GatewayScenario.StartAsync(
            [calling, calling with { Id = "b" }, calling with { Id = "c" }, Models[3] with { Fault = Broken }, calling with { Id = "t", Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", """{"q":2}""")] } }],
            moa: "synthesizer_fallback = \"t\"", more: SecondUpstream);

        var (_, body) = await scenario.AskAsync("moa", $$$"""{{{Trace}}},"tools":[{"type":"function","function":{"name":"search"}}]""");

        body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"q":2}""");
        body.GetProperty("x_meta_model").GetProperty("fallback_reason").GetString().Should().Be("synthesizer_fallback");
    }

    [Fact]
    public async Task When_nobody_can_make_the_call_the_drafts_most_frequent_one_is_the_answer()
    {
        var calling = new SimulatedModel { Id = "a", Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", """{"q":1}""")] } };
        await using var scenario = await GatewayScenario.StartAsync(
            [Models[0], calling with { Id = "b" }, calling with { Id = "c" }, Models[3] with { Fault = Broken }]);

        var (_, body) = await scenario.AskAsync("moa", $$$"""{{{Trace}}},"tools":[{"type":"function","function":{"name":"search"}}]""");

        body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"q":1}""");
        body.GetProperty("x_meta_model").GetProperty("decision").GetString().Should().Be("fallback_primary");
    }

    [Fact]
    public async Task A_draft_cut_off_at_its_limit_is_not_the_best_one()
    {
        var cut = SimulatedModel.Answering("b", _ => new SimulatedAnswer { Text = "the sky is blue today", FinishReason = "length" });
        await using var scenario = await GatewayScenario.StartAsync([Models[0], cut, Models[2], Models[3] with { Fault = Broken }]);

        (await AskAsync(scenario, stream: false)).Text.Should().NotBe("the sky is blue today");
    }

    [Fact]
    public async Task Equal_drafts_are_the_answer_when_agreement_is_asked_for()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Models[0], Models[0] with { Id = "b", Texts = ["the  sky is\nred today "] }, Models[0] with { Id = "c" }, Models[3]], moa: "fastpath_on_agreement = true");

        (await AskAsync(scenario, stream: false)).Should().BeOneOf(
            ("the sky is red today", "fastpath_consensus", "none"),
            ("the sky is red today", "fastpath_consensus", "reduced_quorum"),
            ("the  sky is\nred today ", "fastpath_consensus", "reduced_quorum"));
        scenario.Models.ChatCalls.Should().NotContain(c => c.Model == "s");
    }

    [Fact]
    public async Task Drafts_that_agree_in_text_and_not_in_calls_do_not_agree()
    {
        SimulatedModel Calling(string id, string arguments) => new() { Id = id, Responder = _ => new SimulatedAnswer { Text = "same", ToolCalls = [new("search", arguments)] } };
        await using var scenario = await GatewayScenario.StartAsync(
            [Calling("a", """{"q":1}"""), Calling("b", """{"q":2}"""), Calling("c", """{"q":3}"""), Calling("s", """{"q":4}""")], moa: "fastpath_on_agreement = true");

        var (response, _) = await scenario.AskAsync("moa", """ "tools":[{"type":"function","function":{"name":"search"}}] """);

        response.Headers.GetValues("X-MetaModel-Synth-Decision").Should().Equal("merged");
    }

    [Fact]
    public async Task Samples_of_one_model_are_asked_with_seeds_of_their_own()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            Models, more: "[profiles.samples]\ntype = \"moa\"\ngenerators = [{ upstream = \"a\", samples = 3 }, \"b\"]\nsynthesizer = \"s\"");

        await scenario.AskAsync("samples", "\"seed\":41");
        var seeds = scenario.Models.ChatCalls.Where(c => c.Model == "a").Select(c => c.Json.GetProperty("seed").GetInt64()).Order();

        seeds.Should().Equal(41, 42, 43);
        scenario.Models.ChatCalls.Single(c => c.Model == "b").Json.GetProperty("seed").GetInt64().Should().Be(41);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_single_draft_that_lacks_the_required_call_is_repaired_by_the_synthesizer(bool stream)
    {
        var calling = new SimulatedModel { Id = "s", Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", "{}")] } };
        await using var scenario = await GatewayScenario.StartAsync([Models[0] with { Fault = Broken }, Models[1], Models[2] with { Fault = Broken }, calling]);
        const string Required = Trace + """,  "tools":[{"type":"function","function":{"name":"search"}}],"tool_choice":"required" """;

        var trace = stream
            ? (await scenario.StreamAsync("moa", Required)).Stream.Chunks.Last().GetProperty("x_meta_model")
            : (await scenario.AskAsync("moa", Required)).Body.GetProperty("x_meta_model");

        trace.GetProperty("decision").GetString().Should().Be("merged");
        trace.GetProperty("fallback_reason").GetString().Should().Be("reduced_quorum");
    }

    private static Task<GatewayScenario> StartAsync(SimulatedModel synthesizer, bool withSecond, SimulatedModel? second = null) => GatewayScenario.StartAsync(
        [.. Models[..3], synthesizer, second ?? Second], moa: withSecond ? "synthesizer_fallback = \"t\"" : "", more: withSecond ? SecondUpstream : "");

    private static async Task<(string Text, string? Decision, string? Reason)> AskAsync(GatewayScenario scenario, bool stream)
    {
        JsonElement trace;
        string text;
        if (stream)
        {
            var (_, capture) = await scenario.StreamAsync("moa", Trace);
            (text, trace) = (capture.Content, capture.Chunks.Last().GetProperty("x_meta_model"));
        }
        else
        {
            var (_, body) = await scenario.AskAsync("moa", Trace);
            (text, trace) = (body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!, body.GetProperty("x_meta_model"));
        }

        return (text, trace.GetProperty("decision").GetString(), trace.GetProperty("fallback_reason").GetString());
    }
}

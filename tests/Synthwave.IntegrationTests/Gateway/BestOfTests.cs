using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed partial class BestOfTests
{
    private const string BestOf = "synthesis_mode = \"best-of\"";

    private static readonly SimulatedModel[] Writers =
    [
        SimulatedModel.Saying("a", "alpha says red"),
        SimulatedModel.Saying("b", "beta says green"),
        SimulatedModel.Saying("c", "gamma says blue"),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_draft_the_judge_names_is_the_answer_as_it_is(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([.. Writers, Judge(request => NumberOf(request, "beta says green"))], moa: BestOf);

        (await TextAsync(scenario, stream)).Should().Be(("beta says green", "best_of_picked", "none"));
    }

    [Fact]
    public async Task The_judge_is_asked_with_nothing_of_the_clients_contract()
    {
        await using var scenario = await GatewayScenario.StartAsync([.. Writers, Judge(_ => "1")], moa: BestOf);

        await scenario.AskAsync("moa", "\"response_format\":{\"type\":\"json_object\"},\"stop\":[\"2\"],\"max_tokens\":7");

        var judged = scenario.Models.ChatCalls.Single(c => c.Model == "s").Json;
        judged.EnumerateObject().Select(m => m.Name).Should().NotContain(["response_format", "stop", "tools", "max_completion_tokens"]);
        judged.GetProperty("max_tokens").GetInt32().Should().Be(2048);
        scenario.Models.ChatCalls.Single(c => c.Model == "s").BodyText.Should().NotContain("generator").And.Contain("SELECTION TASK");
    }

    [Fact]
    public async Task Equal_drafts_are_one_candidate_and_the_first_of_them_is_the_answer()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Writers[0], Writers[1], Writers[1] with { Id = "c" }, Judge(request => NumberOf(request, "beta says green"))], moa: BestOf);

        (await TextAsync(scenario, stream: false)).Text.Should().Be("beta says green");

        Numbered().Matches(scenario.Models.ChatCalls.Single(c => c.Model == "s").Json.GetProperty("messages")[0].GetProperty("content").GetString()!).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("I cannot decide")]
    [InlineData("9")]
    [InlineData("")]
    public async Task A_verdict_that_names_nobody_leaves_the_best_draft(string verdict)
    {
        await using var scenario = await GatewayScenario.StartAsync([.. Writers, Judge(_ => verdict)], moa: BestOf);

        var (text, decision, reason) = await TextAsync(scenario, stream: false);

        text.Should().BeOneOf("alpha says red", "beta says green", "gamma says blue");
        (decision, reason).Should().Be(("fallback_primary", "synth_failed_picked_primary"));
    }

    [Fact]
    public async Task Calls_are_picked_without_asking_anybody()
    {
        var models = new[] { """{"q":1}""", """{"q":2}""", """{"q": 2.0}""" }
            .Select((arguments, i) => new SimulatedModel { Id = "abc"[i].ToString(), ToolCalls = [new SimulatedToolCall("search", arguments)] });
        await using var scenario = await GatewayScenario.StartAsync([.. models.Select(m => m with { Responder = _ => new SimulatedAnswer() }), Judge(_ => "1")], moa: BestOf);

        var (response, body) = await scenario.AskAsync("moa", """ "tools":[{"type":"function","function":{"name":"search"}}] """);

        body.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"q":2}""");
        Header(response, "X-MetaModel-Synth-Decision").Should().Be("best_of_picked");
        Header(response, "X-MetaModel-Fastpath").Should().Be("false");
        scenario.Models.ChatCalls.Should().NotContain(c => c.Model == "s");
    }

    private static SimulatedModel Judge(Func<SimulatedRequest, string> verdict) => SimulatedModel.Answering("s", request => SimulatedAnswer.Of(verdict(request)));

    private static string NumberOf(SimulatedRequest request, string draft)
    {
        var match = Numbered().Matches(request.AllText).Single(m => m.Groups["text"].Value == draft);
        return match.Groups["number"].Value;
    }

    [GeneratedRegex("""<draft-[0-9a-f]+ number="(?<number>\d+)"(?: same="\d+")?>\n(?<text>.*)\n</draft""")]
    private static partial Regex Numbered();

    private static async Task<(string Text, string? Decision, string? Reason)> TextAsync(GatewayScenario scenario, bool stream)
    {
        const string Trace = "\"x_meta_model\":{\"trace\":true}";
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

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}

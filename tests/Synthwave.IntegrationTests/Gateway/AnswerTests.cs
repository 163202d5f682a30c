using System.Text.Json;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class AnswerTests
{
    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Saying("a", "alpha says red"),
        SimulatedModel.Saying("b", "beta says green"),
        SimulatedModel.Saying("c", "gamma says blue"),
        SimulatedModel.Answering("s", request => SimulatedAnswer.Of(
            string.Join('+', new[] { "red", "green", "blue" }.Where(colour => request.AllText.Contains(colour, StringComparison.Ordinal))))),
    ];

    [Fact]
    public async Task A_raw_upstream_answers_through_the_gateway()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.AskAsync("a");

        response.StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
        Text(body).Should().Be("alpha says red");
        Header(response, "X-MetaModel-Profile").Should().Be("a");
        Header(response, "X-MetaModel-Request-Id").Should().MatchRegex("^metamodel-[0-9a-f]{24}$");
        Header(response, "X-Request-Id").Should().Be(Header(response, "X-MetaModel-Request-Id"));
    }

    [Fact]
    public async Task A_raw_upstream_streams_through_the_gateway()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, stream) = await scenario.StreamAsync("b", "\"stream_options\":{\"include_usage\":true}");

        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream; charset=utf-8");
        stream.Content.Should().Be("beta says green");
        stream.FinishReason.Should().Be("stop");
        stream.Usage.Should().NotBeNull();
        stream.Done.Should().BeTrue();
    }

    [Fact]
    public async Task Usage_is_asked_for_but_not_shown_to_a_client_that_did_not_ask()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.StreamAsync("b");

        stream.Usage.Should().BeNull();
        stream.Done.Should().BeTrue();
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain("include_usage");
    }

    [Fact]
    public async Task A_cascade_goes_on_to_the_next_member()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Models[0] with { Fault = new(SimulatedFaultKind.Status) { Status = 503 } }, .. Models[1..]]);

        var (response, body) = await scenario.AskAsync("cascade");

        Text(body).Should().Be("beta says green");
        Header(response, "X-MetaModel-Cascade-Tried").Should().Be("a,b");
        Header(response, "X-MetaModel-Cascade-Winner").Should().Be("b");
    }

    [Fact]
    public async Task A_cascade_streams_its_winner()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Models[0] with { Fault = new(SimulatedFaultKind.Empty) }, .. Models[1..]]);

        var (_, stream) = await scenario.StreamAsync("cascade");

        stream.Content.Should().Be("beta says green");
        stream.Done.Should().BeTrue();
    }

    [Fact]
    public async Task An_ensemble_combines_what_its_generators_said()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.AskAsync("moa");

        Text(body).Should().Be("red+green+blue");
        Header(response, "X-MetaModel-Profile").Should().Be("moa");
        Header(response, "X-MetaModel-Generators").Should().Be("3");
        Header(response, "X-MetaModel-Quorum").Should().Be("3");
        Header(response, "X-MetaModel-Synth-Decision").Should().Be("merged");
        Header(response, "X-MetaModel-Fallback-Reason").Should().Be("none");
    }

    [Fact]
    public async Task An_ensemble_streams_its_synthesizer()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.StreamAsync("moa", "\"stream_options\":{\"include_usage\":true},\"x_meta_model\":{\"trace\":true}");

        stream.Content.Should().Be("red+green+blue");
        stream.Done.Should().BeTrue();
        var trace = stream.Chunks.Last().GetProperty("x_meta_model");
        trace.GetProperty("calls").GetArrayLength().Should().Be(4);
        trace.GetProperty("decision").GetString().Should().Be("merged");
    }

    [Fact]
    public async Task A_single_draft_is_the_answer()
    {
        var broken = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 };
        await using var scenario = await GatewayScenario.StartAsync([Models[0] with { Fault = broken }, Models[1], Models[2] with { Fault = broken }, Models[3]]);

        var (response, body) = await scenario.AskAsync("moa");

        Text(body).Should().Be("beta says green");
        Header(response, "X-MetaModel-Synth-Decision").Should().Be("single_success");
        Header(response, "X-MetaModel-Degraded").Should().Be("true");
        Header(response, "X-MetaModel-Failed-Generators").Should().Be("a:non_2xx,c:non_2xx");
    }

    [Fact]
    public async Task A_failed_synthesis_gives_the_best_draft_streamed_too()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. Models[..3], Models[3] with { Responder = null, Fault = new(SimulatedFaultKind.Empty) }]);

        var (_, stream) = await scenario.StreamAsync("moa", "\"x_meta_model\":{\"trace\":true}");

        stream.Content.Should().BeOneOf("alpha says red", "beta says green", "gamma says blue");
        stream.Done.Should().BeTrue();
        stream.Chunks.Last().GetProperty("x_meta_model").GetProperty("decision").GetString().Should().Be("fallback_primary");
    }

    [Fact]
    public async Task Usage_of_an_ensemble_is_the_sum_over_all_calls()
    {
        await using var scenario = await GatewayScenario.StartAsync([.. Models.Select(m => m with { Usage = new SimulatedUsage(10, 5) })]);

        var (_, body) = await scenario.AskAsync("moa");

        body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(40);
        body.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(20);
    }

    private static string Text(JsonElement body) => body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}

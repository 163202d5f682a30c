using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class HedgeTests
{
    private const string Trace = "\"x_meta_model\":{\"trace\":true}";
    private const string Eager = "hedge = { after = 0.2, budget = 1 }";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(50);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_answer_is_overtaken_by_its_hedge_and_cancelled(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([SlowOnce("a")], upstream: Eager);

        var trace = await TraceAsync(scenario, "a", stream);

        Outcomes(trace).Should().Equal("cancelled", "success");
        trace.GetProperty("calls")[0].TryGetProperty("hedge", out _).Should().BeFalse();
        trace.GetProperty("calls")[1].GetProperty("hedge").GetBoolean().Should().BeTrue();
        trace.GetProperty("usage_complete").GetBoolean().Should().BeFalse("what the loser did until it was cancelled is unknown");
        scenario.Models.ChatCalls.Should().HaveCount(2);
        (await MetricsAsync(scenario)).Should().Contain("synthwave_hedges_total{upstream=\"a\",won=\"true\"} 1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_in_time_is_not_hedged(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([SimulatedModel.Saying("a", "alpha")], upstream: "hedge = { after = 10, budget = 1 }");

        var trace = await TraceAsync(scenario, "a", stream);

        Outcomes(trace).Should().Equal("success");
        scenario.Models.ChatCalls.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hedge_that_comes_second_is_cancelled_and_the_first_answer_stands(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha") with { FirstTokenDelay = TimeSpan.FromSeconds(1.2) }, SimulatedModel.Saying("b", "beta") with { FirstTokenDelay = Long }],
            upstream: "hedge = { after = 0.2, budget = 1, with = \"b\" }");

        var trace = await TraceAsync(scenario, "a", stream, "alpha");

        Outcomes(trace).Should().Equal("success", "cancelled");
        (await MetricsAsync(scenario)).Should().Contain("synthwave_hedges_total{upstream=\"b\",won=\"false\"} 1");
    }

    [Fact]
    public async Task A_hedge_may_go_to_another_upstream()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha") with { FirstTokenDelay = Long }, SimulatedModel.Saying("b", "beta")],
            upstream: "hedge = { after = 0.2, budget = 1, with = \"b\" }");

        var trace = await TraceAsync(scenario, "a", stream: true, "beta");

        trace.GetProperty("calls").EnumerateArray().Select(c => c.GetProperty("upstream").GetString()).Should().Equal("a", "b");
    }

    [Fact]
    public async Task The_budget_is_earned_by_calls()
    {
        var slow = SimulatedModel.Saying("a", "alpha") with { FirstTokenDelay = TimeSpan.FromSeconds(0.4) };
        await using var scenario = await GatewayScenario.StartAsync([slow], upstream: "hedge = { after = 0.05, budget = 0.5 }");

        var first = await TraceAsync(scenario, "a", stream: false, "alpha");
        var second = await TraceAsync(scenario, "a", stream: false, "alpha");
        var third = await TraceAsync(scenario, "a", stream: false, "alpha");

        Outcomes(first).Should().HaveCount(1);
        Outcomes(second).Should().HaveCount(2);
        Outcomes(third).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_request_without_calls_to_spare_is_not_hedged()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha") with { FirstTokenDelay = TimeSpan.FromSeconds(0.8) }], upstream: Eager);

        var (response, _) = await scenario.AskAsync("a", "\"x_meta_model\":{\"max_calls\":1}");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Should().HaveCount(1);
    }

    [Fact]
    public async Task Late_is_what_twenty_calls_have_shown()
    {
        var calls = 0;
        var model = SimulatedModel.Answering("a", _ => SimulatedAnswer.Of("alpha") with { FirstTokenDelay = Interlocked.Increment(ref calls) == 21 ? Long : TimeSpan.Zero });
        await using var scenario = await GatewayScenario.StartAsync([model], upstream: "hedge = { after = \"p95\", budget = 1 }");
        for (var i = 0; i < 20; i++)
        {
            await scenario.StreamAsync("a");
        }

        var trace = await TraceAsync(scenario, "a", stream: true, "alpha");

        // Which of the two is first to answer is the machine's affair when it is busy; that the second was made and one given up is not.
        Outcomes(trace).Should().BeEquivalentTo("cancelled", "success");
    }

    [Fact]
    public async Task A_cascade_member_and_a_synthesizer_are_hedged_and_generators_are_not()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SlowOnce("a"), SimulatedModel.Saying("b", "beta") with { FirstTokenDelay = TimeSpan.FromSeconds(0.6) }, SimulatedModel.Saying("c", "gamma"), SlowOnce("s")],
            upstream: Eager);

        var cascade = await TraceAsync(scenario, "cascade", stream: true, "alpha");
        var ensemble = await TraceAsync(scenario, "moa", stream: true, "sigma");

        Outcomes(cascade).Should().Equal("cancelled", "success");
        ensemble.GetProperty("calls").EnumerateArray().Select(c => c.GetProperty("role").GetString())
            .Should().Equal("generator", "generator", "generator", "synthesizer", "synthesizer");
    }

    [Fact]
    public async Task A_judge_is_hedged_on_the_time_to_its_verdict()
    {
        var asked = 0;
        var judge = SimulatedModel.Answering("s", _ => SimulatedAnswer.Of("1") with { FirstTokenDelay = Interlocked.Increment(ref asked) == 1 ? Long : TimeSpan.Zero });
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha"), SimulatedModel.Saying("b", "beta"), SimulatedModel.Saying("c", "gamma"), judge],
            moa: "synthesis_mode = \"best-of\"",
            upstream: Eager);

        var (response, body) = await scenario.AskAsync("moa", Trace).WaitAsync(TimeSpan.FromSeconds(20));

        response.Headers.GetValues("X-MetaModel-Synth-Decision").Should().Equal("best_of_picked");
        Outcomes(body.GetProperty("x_meta_model")).TakeLast(2).Should().Equal("cancelled", "success");
        (await MetricsAsync(scenario)).Should().Contain("synthwave_hedges_total{upstream=\"s\",won=\"true\"} 1");
    }

    [Fact]
    public async Task A_hedged_judge_that_says_nothing_of_use_does_not_win()
    {
        var asked = 0;
        var judge = SimulatedModel.Answering("s", _ => Interlocked.Increment(ref asked) == 1
            ? SimulatedAnswer.Of("1") with { FirstTokenDelay = TimeSpan.FromSeconds(3) }
            : SimulatedAnswer.Of("hard to say"));
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha"), SimulatedModel.Saying("b", "beta"), SimulatedModel.Saying("c", "gamma"), judge],
            moa: "synthesis_mode = \"best-of\"",
            upstream: Eager);

        var (response, body) = await scenario.AskAsync("moa", Trace).WaitAsync(TimeSpan.FromSeconds(20));

        response.Headers.GetValues("X-MetaModel-Synth-Decision").Should().Equal("best_of_picked");
        Outcomes(body.GetProperty("x_meta_model")).TakeLast(2).Should().Equal("success", "failed");
        (await MetricsAsync(scenario)).Should().Contain("synthwave_hedges_total{upstream=\"s\",won=\"false\"} 1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_synthesized_call_is_hedged_on_the_time_to_its_end(bool stream)
    {
        var asked = 0;
        SimulatedModel Caller(string id, Func<TimeSpan> delay) => new()
        {
            Id = id,
            Responder = _ => new SimulatedAnswer { ToolCalls = [new("search", $"{{\"by\":\"{id}\"}}")], FirstTokenDelay = delay() },
        };
        await using var scenario = await GatewayScenario.StartAsync(
            [
                Caller("a", () => TimeSpan.Zero), Caller("b", () => TimeSpan.Zero), Caller("c", () => TimeSpan.Zero),
                Caller("s", () => Interlocked.Increment(ref asked) == 1 ? Long : TimeSpan.Zero),
            ],
            upstream: Eager);
        const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"search\"}}]," + Trace;

        var trace = stream
            ? (await scenario.StreamAsync("moa", Tools).WaitAsync(TimeSpan.FromSeconds(20))).Stream.Chunks.Last().GetProperty("x_meta_model")
            : (await scenario.AskAsync("moa", Tools).WaitAsync(TimeSpan.FromSeconds(20))).Body.GetProperty("x_meta_model");

        trace.GetProperty("decision").GetString().Should().Be("merged");
        Outcomes(trace).TakeLast(2).Should().Equal("cancelled", "success");
    }

    [Fact]
    public async Task A_failure_before_it_is_late_is_not_hedged()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "alpha") with { Fault = new(SimulatedFaultKind.Status) { Status = 400 } }], upstream: Eager);

        var (response, _) = await scenario.AskAsync("a");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        scenario.Models.ChatCalls.Should().HaveCount(1);
    }

    [Fact]
    public async Task When_both_fail_the_first_call_s_fault_counts()
    {
        var late = TimeSpan.FromSeconds(0.6);
        await using var scenario = await GatewayScenario.StartAsync(
            [
                SimulatedModel.Answering("a", _ => new SimulatedAnswer { FirstTokenDelay = late, Fault = new(SimulatedFaultKind.Status) { Status = 404 } }),
                SimulatedModel.Answering("b", _ => new SimulatedAnswer { Fault = new(SimulatedFaultKind.Status) { Status = 402 } }),
            ],
            upstream: "hedge = { after = 0.2, budget = 1, with = \"b\" }");

        var (response, _) = await scenario.AskAsync("a");

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_both_calls()
    {
        await using var scenario = await GatewayScenario.StartAsync([SimulatedModel.Saying("a", "alpha") with { FirstTokenDelay = Long }], upstream: Eager);
        using var leaving = new CancellationTokenSource();
        var asking = scenario.SendStreamAsync("a", "", "Hello?", leaving.Token);
        await Until(() => scenario.Models.ChatCalls.Length == 2);

        await leaving.CancelAsync();

        await ((Func<Task>)(() => asking)).Should().ThrowAsync<OperationCanceledException>();
        await Until(async () => (await MetricsAsync(scenario)).Contains(
            "synthwave_upstream_calls_total{upstream=\"a\",role=\"passthrough\",outcome=\"cancelled\"} 2", StringComparison.Ordinal));
    }

    private static SimulatedModel SlowOnce(string id)
    {
        var calls = 0;
        var text = id switch { "a" => "alpha", "s" => "sigma", _ => id };
        return SimulatedModel.Answering(id, _ => SimulatedAnswer.Of(text) with { FirstTokenDelay = Interlocked.Increment(ref calls) == 1 ? Long : TimeSpan.Zero });
    }

    private static async Task<JsonElement> TraceAsync(GatewayScenario scenario, string model, bool stream, string text = "alpha")
    {
        if (stream)
        {
            var (_, capture) = await scenario.StreamAsync(model, Trace).WaitAsync(TimeSpan.FromSeconds(20));
            capture.Content.Should().Be(text);
            capture.Done.Should().BeTrue();
            return capture.Chunks.Last().GetProperty("x_meta_model");
        }

        var (response, body) = await scenario.AskAsync(model, Trace).WaitAsync(TimeSpan.FromSeconds(20));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(text);
        return body.GetProperty("x_meta_model");
    }

    private static IEnumerable<string?> Outcomes(JsonElement trace) => trace.GetProperty("calls").EnumerateArray().Select(c => c.GetProperty("outcome").GetString());

    private static async Task<string> MetricsAsync(GatewayScenario scenario)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        using var response = await scenario.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }
}

using System.Net;
using System.Text.Json;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>A generator that hangs on every request is not waited for, until it is in time again.</summary>
public sealed class LateGeneratorTests
{
    private const string Trace = "\"x_meta_model\":{\"trace\":true}";

    private static readonly SimulatedFault Hangs = new(SimulatedFaultKind.Stall);

    [Fact]
    public async Task After_three_cuts_it_is_asked_beside_one_request_in_ten_until_it_answers()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Says("a"), Says("b"), Says("c", Hangs), Says("s") with { FirstTokenDelay = TimeSpan.FromMilliseconds(300) }], moa: "max_grace_secs = 1");
        for (var i = 0; i < 3; i++)
        {
            await scenario.AskAsync("moa");
        }

        var (response, body) = await scenario.AskAsync("moa", Trace);
        for (var i = 0; i < 8; i++)
        {
            await scenario.AskAsync("moa");
        }

        var withoutTrial = scenario.Models.CallsTo("c");
        var (_, trial) = await scenario.AskAsync("moa", Trace);
        var withTrial = scenario.Models.CallsTo("c");
        scenario.Models.Script(Says("c"));
        var before = scenario.Models.CallsTo("c");
        for (var i = 0; i < 10; i++)
        {
            await scenario.AskAsync("moa");
        }

        var recovered = scenario.Models.CallsTo("c") - before;
        var (_, back) = await scenario.AskAsync("moa", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.GetValues("X-MetaModel-Failed-Generators").Should().Equal("c:late");
        CallsOf(body, "c").Should().Equal("failed:late:0");
        withoutTrial.Should().Be(3);
        withTrial.Should().Be(4);
        CallsOf(trial, "c").Should().Equal("cancelled:cancelled:1");
        recovered.Should().Be(1);
        CallsOf(back, "c").Should().Equal("success::1");
    }

    [Theory]
    [InlineData("[\"a\", \"c\"]", "")]
    [InlineData("[\"a\", \"b\", \"c\"]", "quorum = 3")]
    public async Task Who_is_needed_for_the_quorum_is_asked_all_the_same(string generators, string quorum)
    {
        await using var scenario = await GatewayScenario.StartAsync([Says("a"), Says("b"), Says("c"), Says("s")], more: Needed(generators, quorum));
        MakeLate(scenario, "c");

        var (_, body) = await scenario.AskAsync("needed", Trace);

        CallsOf(body, "c").Should().Equal("success::1");
    }

    [Fact]
    public async Task It_is_asked_after_all_when_nobody_else_gives_a_draft()
    {
        var broken = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 };
        await using var scenario = await GatewayScenario.StartAsync([Says("a", broken), Says("b", broken), Says("c"), Says("s")], upstream: "retries = 0");
        MakeLate(scenario, "c");

        var (response, body) = await scenario.AskAsync("moa", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsOf(body, "c").Should().Equal("failed:late:0", "success::1");
    }

    private static void MakeLate(GatewayScenario scenario, string name)
    {
        var host = (Synthwave.Hosting.RuntimeHost)scenario.Gateway.Services.GetService(typeof(Synthwave.Hosting.RuntimeHost))!;
        for (var i = 0; i < 3; i++)
        {
            host.Current.Upstreams[name].NoteDraft(wasCut: true);
        }
    }

    private static string Needed(string generators, string quorum) => $"[profiles.needed]\ntype = \"moa\"\ngenerators = {generators}\nsynthesizer = \"s\"\n{quorum}\n";

    private static SimulatedModel Says(string id, SimulatedFault? fault = null) => SimulatedModel.Saying(id, $"{id} says so") with { Fault = fault };

    private static IEnumerable<string> CallsOf(JsonElement body, string upstream) => body.GetProperty("x_meta_model").GetProperty("calls").EnumerateArray()
        .Where(c => c.GetProperty("upstream").GetString() == upstream)
        .Select(c => $"{c.GetProperty("outcome")}:{(c.TryGetProperty("reason", out var reason) ? reason.ToString() : "")}:{c.GetProperty("attempts")}");
}

using System.Collections.Immutable;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>An ensemble loses a generator and answers from the others.</summary>
public sealed class GeneratorFaultTests
{
    public static TheoryData<string, bool> Cells => FaultCase.Cells;

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_generators_fault_costs_one_draft(string fault, bool stream)
    {
        using var dead = new RefusedPort();
        var given = FaultCase.Named(fault);
        var isCut = given.NeedsDeadline(stream: false);
        await using var day = await BadDay.StartAsync(given.On("a", dead.BaseUrl) with { Moa = $"grace_secs = {(isCut ? 0.2 : 20)}" });

        var view = await day.AskAsync("moa", stream);

        view.ShouldBeComplete().Content.Should().Be(BadDay.Texts["s"]);
        view.Header("X-MetaModel-Degraded").Should().Be("true");
        view.Header("X-MetaModel-Failed-Generators").Should().Be($"a:{(isCut ? "cancelled" : given.Buffered.Reason)}");
        view.Header("X-MetaModel-Quorum").Should().Be("2");
        view.Header("X-MetaModel-Synth-Decision").Should().Be("merged");
        view.Header("X-MetaModel-Fallback-Reason").Should().Be("reduced_quorum");
        await day.ShouldBeQuietAsync();
        (await day.MetricAsync("synthwave_requests_total{profile=\"moa\",strategy=\"moa\",outcome=\"degraded\"}")).Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_any_draft_the_failure_names_every_generator(bool stream)
    {
        using var dead = new RefusedPort();
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("b", new(SimulatedFaultKind.BadJson)), BadDay.Model("c", new(SimulatedFaultKind.Stall))],
            BaseUrls = ImmutableDictionary<string, string>.Empty.Add("a", dead.BaseUrl),
            Upstreams = ImmutableDictionary<string, string>.Empty.Add("c", "first_byte_timeout_secs = 0.2"),
        });

        var view = await day.AskAsync("moa", stream);

        view.ShouldBeFailure(502, "all_generators_failed", "api_error");
        view.Error!.Value.GetProperty("message").GetString().Should().Contain("a:transport").And.Contain("b:non_json").And.Contain("c:timeout");
        day.Models.CallsTo("s").Should().Be(0);
        await day.ShouldBeQuietAsync();
    }
}

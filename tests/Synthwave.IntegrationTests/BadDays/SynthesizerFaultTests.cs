using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>The synthesizer fails before its first content: the best draft is the answer.</summary>
public sealed class SynthesizerFaultTests
{
    public static TheoryData<string, bool> Cells => FaultCase.Cells;

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_synthesizers_fault_gives_the_best_draft(string fault, bool stream)
    {
        using var dead = new RefusedPort();
        var given = FaultCase.Named(fault);
        var setup = given.On("s", dead.BaseUrl);
        await using var day = await BadDay.StartAsync(setup with { Server = setup.Server + "\nstream_head_grace_secs = 20" + (given.NeedsDeadline(stream) ? "\nrequest_timeout_secs = 3" : "") });

        var view = await day.AskAsync("moa", stream);

        view.ShouldBeComplete().Content.Should().BeOneOf(BadDay.Texts["a"], BadDay.Texts["b"], BadDay.Texts["c"]);
        view.Header("X-MetaModel-Quorum").Should().Be("3");
        view.Header("X-MetaModel-Synth-Decision").Should().Be("fallback_primary");
        view.Header("X-MetaModel-Fallback-Reason").Should().Be("synth_failed_picked_primary");
        await day.ShouldBeQuietAsync();
        (await day.MetricAsync("synthwave_fallbacks_total{profile=\"moa\",reason=\"synth_failed_picked_primary\"}")).Should().Be(1);
    }
}

using Synthwave.Proof.Stragglers;

namespace Synthwave.UnitTests.Strategies;

public sealed class StragglerTests
{
    /// <summary>The bounds are statements about a distribution: a fixed seed keeps chance out of the test.</summary>
    private const ulong Seed = 20_261_120;

    [Fact]
    public void Learned_patience_and_a_hedged_synthesizer_keep_what_is_promised()
    {
        var table = StragglerTable.Bounded(calls: 8_000, Seed);

        table.Bounds().Where(b => !b.Holds).Should().BeEmpty();
    }

    [Fact]
    public void A_slow_reasoner_is_kept_where_the_grace_leaves_it_the_time()
    {
        var patient = StragglerRun.Run(Lineup.WithSlowReasoner(stalls: 0.02), WaitPolicy.Learned95WithLongGrace, calls: 2_000, Seed);
        var hasty = StragglerRun.Run(Lineup.WithSlowReasoner(stalls: 0.02), WaitPolicy.Grace5, calls: 2_000, Seed);

        patient.Lost[2].Should().BeLessThan(0.15);
        hasty.Lost[2].Should().BeGreaterThan(0.85);
    }

    [Fact]
    public void The_same_seed_gives_the_same_table()
    {
        var first = StragglerRun.Run(Lineup.Even(stalls: 0.02), WaitPolicy.Learned95, calls: 300, Seed);
        var second = StragglerRun.Run(Lineup.Even(stalls: 0.02), WaitPolicy.Learned95, calls: 300, Seed);

        second.ToString().Should().Be(first.ToString());
    }
}

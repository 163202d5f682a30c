using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public sealed class HedgeBudgetTests
{
    [Fact]
    public void A_share_of_a_twentieth_gives_one_hedge_in_twenty_calls()
    {
        var budget = new HedgeBudget();

        var hedges = Enumerable.Range(1, 100).Where(_ =>
        {
            budget.Earn(0.05);
            return budget.TryTake();
        });

        hedges.Should().Equal(20, 40, 60, 80, 100);
    }

    [Fact]
    public void Hedges_never_exceed_their_share_of_the_calls() => Seeded.Run(200, random =>
    {
        var budget = new HedgeBudget();
        var share = random.NextDouble();
        var hedges = 0;

        for (var calls = 1; calls <= 300; calls++)
        {
            budget.Earn(share);
            hedges += random.Next(2) == 0 && budget.TryTake() ? 1 : 0;
            hedges.Should().BeLessThanOrEqualTo((int)Math.Ceiling((calls * share) + 1e-6));
        }
    });

    [Fact]
    public void A_long_quiet_time_saves_up_no_storm()
    {
        var budget = new HedgeBudget();
        for (var calls = 0; calls < 10_000; calls++)
        {
            budget.Earn(0.5);
        }

        var hedges = Enumerable.Range(0, 100).Count(_ => budget.TryTake());

        hedges.Should().Be(10);
    }
}

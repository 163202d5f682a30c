using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public sealed class LatencyQuantilesTests
{
    private readonly LatencyQuantiles _latency = new();

    [Fact]
    public void Nineteen_observations_are_not_enough()
    {
        Observe(Enumerable.Range(1, 19));

        _latency.Quantile(0.95).Should().BeNull();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 10)]
    [InlineData(0.95, 19)]
    [InlineData(0.951, 20)]
    [InlineData(1, 20)]
    public void Quantile_is_the_smallest_observation_that_so_large_a_share_does_not_exceed(double q, int expected)
    {
        Observe(Enumerable.Range(1, 20).Reverse());

        _latency.Quantile(q).Should().Be(TimeSpan.FromMilliseconds(expected));
    }

    [Fact]
    public void Only_the_last_thousand_observations_count()
    {
        Observe(Enumerable.Repeat(10_000, 1500));
        Observe(Enumerable.Repeat(5, 1000));

        _latency.Quantile(1).Should().Be(TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public void Observation_after_a_question_changes_the_next_answer()
    {
        Observe(Enumerable.Repeat(5, 20));
        _latency.Quantile(1);

        Observe([7]);

        _latency.Quantile(1).Should().Be(TimeSpan.FromMilliseconds(7));
    }

    [Fact]
    public void A_cut_call_counts_as_one_that_takes_longer()
    {
        Observe(Enumerable.Range(1, 20));

        Cut(5, calls: 15);

        // Ten of the fifteen are taken for slow: of 30 calls 5 ended by then, and the other 25 are spread like the 15 that went on.
        _latency.Quantile(0.5).Should().Be(TimeSpan.FromMilliseconds(11));
        _latency.Quantile(1).Should().Be(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_quantile_beyond_all_that_ended_is_looked_for_a_little_further_on()
    {
        Observe(Enumerable.Repeat(100, 20));

        Cut(200, calls: 20);

        _latency.Quantile(0.95).Should().Be(TimeSpan.FromMilliseconds(200) * LatencyQuantiles.Reach);
    }

    [Fact]
    public void Cutting_every_call_of_an_upstream_that_became_slower_finds_its_new_time() => Seeded.Run(50, random =>
    {
        var latency = new LatencyQuantiles();
        for (var i = 0; i < 200; i++)
        {
            latency.Observe(TimeSpan.FromSeconds(1 + random.NextDouble()));
        }

        for (var i = 0; i < 300; i++)
        {
            var (takes, patience) = (TimeSpan.FromSeconds(6 + random.NextDouble()), latency.Quantile(0.95)!.Value);
            if (takes <= patience)
            {
                latency.Observe(takes);
            }
            else
            {
                latency.ObserveCut(patience);
            }
        }

        latency.Quantile(0.95).Should().BeGreaterThan(TimeSpan.FromSeconds(6.5));
    });

    [Fact]
    public void Any_window_agrees_with_sorting_it() => Seeded.Run(200, random =>
    {
        var latency = new LatencyQuantiles();
        var all = Enumerable.Range(0, random.Next(20, 2500)).Select(_ => random.Next(1, 100_000)).ToList();
        all.ForEach(ms => latency.Observe(TimeSpan.FromMilliseconds(ms)));
        var q = random.NextDouble();

        var found = latency.Quantile(q);

        var window = all.TakeLast(LatencyQuantiles.Window).Order().ToList();
        var share = window.First(ms => window.Count(other => other <= ms) >= q * window.Count);
        found.Should().Be(TimeSpan.FromMilliseconds(share));
    });

    private void Cut(int milliseconds, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            _latency.ObserveCut(TimeSpan.FromMilliseconds(milliseconds));
        }
    }

    private void Observe(IEnumerable<int> milliseconds)
    {
        foreach (var ms in milliseconds)
        {
            _latency.Observe(TimeSpan.FromMilliseconds(ms));
        }
    }
}

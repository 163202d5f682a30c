using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.UnitTests.Telemetry.Metrics;

public sealed class MetricFamilyTests
{
    private static readonly HashSet<string> Nobody = [];

    [Fact]
    public Task A_counter_can_be_read_while_series_come_and_go()
    {
        var family = new CounterFamily(UpstreamMetrics.Retries, TimeProvider.System);
        return ChangeWhileReadAsync(family, name => family.Add(new(name)));
    }

    [Fact]
    public Task A_histogram_can_be_read_while_series_come_and_go()
    {
        var family = new HistogramFamily(UpstreamMetrics.Duration, TimeProvider.System);
        return ChangeWhileReadAsync(family, name => family.Observe(new(name, "member"), 1));
    }

    private static async Task ChangeWhileReadAsync(MetricFamily family, Action<string> add)
    {
        string[] names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        var changing = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                add(names[i % names.Length]);
                if (i % names.Length == 0)
                {
                    family.Keep(Nobody);
                }
            }
        });

        do
        {
            var text = new ExpositionText(ExpositionFormat.Prometheus);
            family.Render(text);
            text.End().Should().StartWith("# HELP synthwave_");
        }
        while (!changing.IsCompleted);

        await changing;
    }
}

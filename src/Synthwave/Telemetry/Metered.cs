using System.Diagnostics;
using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Prometheus;

namespace Synthwave.Telemetry;

/// <summary>A count kept for the scrape and offered to meter listeners.</summary>
/// <param name="meter">The instrument's owner.</param>
/// <param name="name">Without prefix and suffix: <c>requests</c> is <c>synthwave.requests</c> and <c>synthwave_requests_total</c>.</param>
/// <param name="help">One sentence.</param>
/// <param name="labels">At most three names.</param>
internal sealed class MeteredCounter(Meter meter, string name, string help, string[] labels)
{
    private readonly Counter<long> _instrument = meter.CreateCounter<long>($"synthwave.{name}", null, help);

    public CounterFamily Family { get; } = new($"synthwave_{name}_total", help, labels);

    public void Add(in LabelValues values, long amount = 1)
    {
        Family.Add(values, amount);
        if (_instrument.Enabled)
        {
            _instrument.Add(amount, Metered.Tags(labels, values));
        }
    }
}

/// <summary>A distribution of seconds kept for the scrape and offered to meter listeners.</summary>
internal sealed class MeteredHistogram(Meter meter, string name, string help, double[] bounds, string[] labels)
{
    private readonly Histogram<double> _instrument = meter.CreateHistogram(
        $"synthwave.{name}", "s", help, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    public HistogramFamily Family { get; } = new($"synthwave_{name}_seconds", help, bounds, labels);

    public void Observe(in LabelValues values, double seconds)
    {
        Family.Observe(values, seconds);
        if (_instrument.Enabled)
        {
            _instrument.Record(seconds, Metered.Tags(labels, values));
        }
    }
}

internal static class Metered
{
    public static TagList Tags(string[] labels, in LabelValues values)
    {
        var tags = default(TagList);
        for (var i = 0; i < labels.Length; i++)
        {
            tags.Add(labels[i], values[i]);
        }

        return tags;
    }
}

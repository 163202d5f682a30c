using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>A histogram of seconds that is both a Prometheus family and an instrument of the meter.</summary>
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
            _instrument.Record(seconds, values.ToTags(labels));
        }
    }
}

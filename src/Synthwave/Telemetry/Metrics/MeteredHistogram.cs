using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>A histogram of seconds that is both a Prometheus family and an instrument of the meter.</summary>
internal sealed class MeteredHistogram(Meter meter, MetricDeclaration declaration, TimeProvider time)
{
    private readonly Histogram<double> _instrument = meter.CreateHistogram(
        declaration.InstrumentName, declaration.InstrumentUnit, declaration.Meaning, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = declaration.Bounds });

    public HistogramFamily Family { get; } = new(declaration, time);

    public void Observe(in LabelValues values, double seconds, ExemplarSource? source)
    {
        Family.Observe(values, seconds, source);
        if (_instrument.Enabled)
        {
            _instrument.Record(seconds, values.ToTags(declaration.Labels));
        }
    }
}

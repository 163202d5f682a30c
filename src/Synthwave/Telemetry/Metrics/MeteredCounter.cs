using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>A counter that is both a Prometheus family and an instrument of the meter.</summary>
internal sealed class MeteredCounter(Meter meter, MetricDeclaration declaration, TimeProvider time)
{
    private readonly Counter<long> _instrument = meter.CreateCounter<long>(declaration.InstrumentName, declaration.InstrumentUnit, declaration.Meaning);

    public CounterFamily Family { get; } = new(declaration, time);

    public void Add(in LabelValues values, ExemplarSource? source, long amount = 1)
    {
        Family.Add(values, amount, source);
        if (_instrument.Enabled)
        {
            _instrument.Add(amount, values.ToTags(declaration.Labels));
        }
    }
}

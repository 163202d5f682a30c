using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>A counter of USD that is both a Prometheus family and an instrument of the meter.</summary>
internal sealed class MeteredMoney(Meter meter, MetricDeclaration declaration, TimeProvider time)
{
    // Kept in billionths, so that a sum is exact: one token costs some hundred of them, and nine billion USD fit.
    private const long PartsPerUsd = 1_000_000_000;

    private readonly Counter<double> _instrument = meter.CreateCounter<double>(declaration.InstrumentName, declaration.InstrumentUnit, declaration.Meaning);

    public CounterFamily Family { get; } = new(declaration, time, PartsPerUsd);

    /// <param name="values">The series.</param>
    /// <param name="usd">Zero or more; rounded to a billionth.</param>
    /// <param name="source">Null = the request is not traced.</param>
    public void Add(in LabelValues values, decimal usd, ExemplarSource? source)
    {
        Family.Add(values, decimal.ToInt64(decimal.Round(Math.Min(usd, long.MaxValue / PartsPerUsd) * PartsPerUsd)), source);
        if (_instrument.Enabled)
        {
            _instrument.Add((double)usd, values.ToTags(declaration.Labels));
        }
    }
}

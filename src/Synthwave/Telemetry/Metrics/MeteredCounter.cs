using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>A counter that is both a Prometheus family and an instrument of the meter.</summary>
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
            _instrument.Add(amount, values.ToTags(labels));
        }
    }
}

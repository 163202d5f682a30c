using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Health;

/// <summary>What is known about the upstreams' health. Thread-safe.</summary>
internal interface IHealthStates
{
    /// <summary>The last known states, without looking: for gauges.</summary>
    IReadOnlyList<UpstreamHealth> Current { get; }

    /// <summary>
    /// The states of all configured upstreams, none older than the probe interval: stale ones are probed first, in parallel. Never throws but on
    /// cancellation, which ends this wait and not the shared probe.
    /// </summary>
    ValueTask<IReadOnlyList<UpstreamHealth>> CheckAsync(CancellationToken cancellationToken);
}

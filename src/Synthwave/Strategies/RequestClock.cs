using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>The time of one request.</summary>
/// <param name="Time">Where all its times are taken from.</param>
/// <param name="StartedAt">Its start, a timestamp of <paramref name="Time"/>.</param>
/// <param name="Deadline">When the answer must be complete, or a stream committed; the latency cap included.</param>
internal sealed record RequestClock(TimeProvider Time, long StartedAt, Deadline Deadline)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>A timer may fire so much ahead of the clock it is measured by.</summary>
    private static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(15);

    /// <summary><c>max_latency_ms</c>, counted from the start; null = no cap.</summary>
    public TimeSpan? MaxLatency { get; init; }

    /// <summary><c>max_stream_secs</c>; zero = no limit.</summary>
    public TimeSpan MaxStream { get; init; }

    public TimeSpan Elapsed => Time.GetElapsedTime(StartedAt);

    /// <summary>Whether <see cref="MaxLatency"/> is over.</summary>
    public bool IsLatencyOver => MaxLatency is { } most && Elapsed + TimerTick >= most;

    /// <summary>What both limits, counted from the start, leave for a stream that commits now; zero = no limit.</summary>
    public TimeSpan RemainingStreamTime()
    {
        TimeSpan? limit = MaxStream == TimeSpan.Zero ? null : MaxStream;
        if (MaxLatency is { } latency && (limit is null || latency < limit))
        {
            limit = latency;
        }

        if (limit is not { } most)
        {
            return TimeSpan.Zero;
        }

        var left = most - Elapsed;
        return left > Least ? left : Least;
    }
}

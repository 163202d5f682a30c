namespace Synthwave.Simulation;

/// <summary>When each token is due. A token that is late goes out at once: a slow reader does not slow the schedule.</summary>
internal readonly struct Pace(TimeProvider time, long start, TimeSpan first, double tokensPerSecond)
{
    /// <summary>Time until token <paramref name="index"/> (from 0) is due; zero when it is.</summary>
    public TimeSpan UntilToken(int index)
    {
        if (first == TimeSpan.Zero && tokensPerSecond <= 0)
        {
            return TimeSpan.Zero;
        }

        var due = tokensPerSecond > 0 ? first + TimeSpan.FromSeconds(index / tokensPerSecond) : first;
        var wait = due - time.GetElapsedTime(start);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);
}

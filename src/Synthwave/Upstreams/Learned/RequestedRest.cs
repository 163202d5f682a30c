namespace Synthwave.Upstreams.Learned;

/// <summary>The rest that an upstream asked for when it refused a call: until it is over, ordinary calls would be refused like the last one. Thread-safe.</summary>
internal sealed class RequestedRest(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _begunAt;
    private TimeSpan _span;

    /// <summary>What is left of it; zero = there is none.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_gate)
            {
                return Left();
            }
        }
    }

    /// <summary>The upstream asks for <paramref name="span"/> from now. A rest is never made shorter. True = it was not resting.</summary>
    public bool Begin(TimeSpan span)
    {
        lock (_gate)
        {
            var left = Left();
            if (span > left)
            {
                _begunAt = time.GetTimestamp();
                _span = span;
            }

            return left == TimeSpan.Zero && span > TimeSpan.Zero;
        }
    }

    /// <summary>A call that began at <paramref name="startedAt"/>, a timestamp, was answered. One from before the rest says nothing about it.</summary>
    public void Answered(long startedAt)
    {
        lock (_gate)
        {
            if (startedAt >= _begunAt)
            {
                _span = TimeSpan.Zero;
            }
        }
    }

    private TimeSpan Left()
    {
        if (_span == TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var left = _span - time.GetElapsedTime(_begunAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

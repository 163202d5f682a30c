namespace Synthwave.Upstreams;

/// <summary>A moment on a <see cref="TimeProvider"/> by which work must be done. Handed down and shared out, never extended.</summary>
internal readonly struct Deadline
{
    private readonly TimeProvider _time;
    private readonly long _end;

    private Deadline(TimeProvider time, long end, bool isHurried)
    {
        _time = time;
        _end = end;
        IsHurried = isHurried;
    }

    public static Deadline After(TimeProvider time, TimeSpan span) => new(time, time.GetTimestamp() + Ticks(time, span), isHurried: false);

    /// <summary>A request's own cap ends it: whoever does not make it may still be in order.</summary>
    public bool IsHurried { get; }

    /// <summary>Zero or more.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var now = _time.GetTimestamp();
            return now >= _end ? TimeSpan.Zero : _time.GetElapsedTime(now, _end);
        }
    }

    public bool IsOver => _time.GetTimestamp() >= _end;

    /// <summary>The earlier of this and <paramref name="span"/> from now.</summary>
    public Deadline Within(TimeSpan span)
    {
        var end = _time.GetTimestamp() + Ticks(_time, span);
        return end < _end ? new(_time, end, IsHurried) : this;
    }

    /// <summary>The same for a request's own cap.</summary>
    public Deadline Hurry(TimeSpan span)
    {
        var end = _time.GetTimestamp() + Ticks(_time, span);
        return end < _end ? new(_time, end, isHurried: true) : this;
    }

    /// <summary>An equal share of what remains for each of <paramref name="members"/>, at least <paramref name="floor"/>, never past the deadline.</summary>
    public Deadline Share(int members, TimeSpan floor)
    {
        var share = Remaining / Math.Max(1, members);
        return Within(share < floor ? floor : share);
    }

    /// <summary>A deadline <paramref name="span"/> earlier.</summary>
    public Deadline Reserve(TimeSpan span) => new(_time, _end - Ticks(_time, span), IsHurried);

    // A century is "no limit" without overflowing a timer or a timestamp.
    private static long Ticks(TimeProvider time, TimeSpan span) => (long)(Math.Min(span.TotalSeconds, 3_153_600_000d) * time.TimestampFrequency);
}

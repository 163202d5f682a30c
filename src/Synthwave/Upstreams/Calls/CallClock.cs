namespace Synthwave.Upstreams.Calls;

/// <summary>
/// The clocks of one call behind one cancellation token and one timer: the deadline, and either the first-byte limit or the idle limit. Starting and
/// stopping a wait writes two fields; the timer notices when it fires, so that a stream of many small reads never touches it.
/// Waits are made by one task at a time; cancelling is thread-safe.
/// </summary>
internal sealed class CallClock : IDisposable
{
    private const long NotWaiting = -1;

    // Timers refuse more than about 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private long _deadline;
    private long _waitLimit = long.MaxValue;
    private long _waitingSince = NotWaiting;
    private bool _timedOut;
    private bool _disposed;

    /// <param name="time">Where time comes from.</param>
    /// <param name="remaining">Until the deadline.</param>
    /// <param name="outer">Cancels the call with it.</param>
    public CallClock(TimeProvider time, TimeSpan remaining, CancellationToken outer)
    {
        _time = time;
        _outer = outer;
        _deadline = End(remaining);
        // Armed only once the field is set: the callback may come at any moment after that.
        _timer = time.CreateTimer(static state => ((CallClock)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Check();
        _registration = outer.UnsafeRegister(static state => ((CallClock)state!).Cancel(), this);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>A clock ran out, and not because the call was cancelled from outside.</summary>
    public bool TimedOut => Volatile.Read(ref _timedOut) && !_outer.IsCancellationRequested;

    /// <summary>Whether the deadline, as it stands now, is over.</summary>
    public bool IsPastDeadline
    {
        get
        {
            lock (_gate)
            {
                return _time.GetTimestamp() >= _deadline;
            }
        }
    }

    /// <summary>Whether the caller's token, not a clock, ended the call.</summary>
    public bool IsCancelled => _outer.IsCancellationRequested;

    /// <summary>Starts a wait for the upstream that may take <paramref name="limit"/>; null = only the deadline binds. A wait that is shorter than the last one's rest needs the timer.</summary>
    public void StartWait(TimeSpan? limit)
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _waitingSince, now);
        var ticks = limit is { } span ? Ticks(span) : long.MaxValue;
        if (Interlocked.Exchange(ref _waitLimit, ticks) != ticks)
        {
            Check();
        }
    }

    /// <summary>The upstream sent something, or nothing is expected of it now.</summary>
    public void StopWait() => Volatile.Write(ref _waitingSince, NotWaiting);

    /// <summary>Puts a new deadline in the old one's place; null = none.</summary>
    public void MoveDeadline(TimeSpan? remaining)
    {
        lock (_gate)
        {
            _deadline = remaining is { } span ? End(span) : long.MaxValue;
        }

        Check();
    }

    /// <summary>Cancels the call at once.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
        }

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed between the check and the call: the call is over, nothing is left to cancel.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _registration.Dispose();
        _timer.Dispose();
        _source.Dispose();
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_disposed || _timedOut)
            {
                return;
            }

            var now = _time.GetTimestamp();
            var limit = Volatile.Read(ref _waitLimit);
            var since = Volatile.Read(ref _waitingSince);
            // Without a wait under way the next look is one limit away: a wait that starts in between cannot run out before it.
            var waitEnd = limit == long.MaxValue ? long.MaxValue : Add(since == NotWaiting ? now : since, limit);
            var end = Math.Min(_deadline, waitEnd);
            if (now < end)
            {
                _timer.Change(end == long.MaxValue ? Timeout.InfiniteTimeSpan : Clamp(_time.GetElapsedTime(now, end)), Timeout.InfiniteTimeSpan);
                return;
            }

            _timedOut = true;
        }

        Cancel();
    }

    private long End(TimeSpan remaining) => Add(_time.GetTimestamp(), Ticks(remaining));

    private long Ticks(TimeSpan span)
    {
        var ticks = span.TotalSeconds * _time.TimestampFrequency;
        return ticks >= long.MaxValue ? long.MaxValue : (long)ticks;
    }

    private static long Add(long timestamp, long ticks) => timestamp > long.MaxValue - ticks ? long.MaxValue : timestamp + ticks;

    // Timers count whole milliseconds and may fire within the last one.
    private static TimeSpan Clamp(TimeSpan span) => span > Longest ? Longest : span < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : span;
}

namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Spares an upstream that is down: after <see cref="Threshold"/> failures in a row it refuses calls for <see cref="Rest"/>, then lets one trial
/// through at a time (a further one every <see cref="Rest"/>, so that a trial that never reports cannot keep it shut). The first success closes it.
/// Counts a run, not a ratio: a ratio says nothing about an upstream that is called once a minute. Thread-safe.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    public const int Threshold = 5;

    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _open;

    /// <summary>Whether an ordinary call would be refused now.</summary>
    public bool IsOpen => RemainingRest > TimeSpan.Zero;

    /// <summary>How long calls are still refused; zero = they are not.</summary>
    public TimeSpan RemainingRest
    {
        get
        {
            lock (_gate)
            {
                return Remaining();
            }
        }
    }

    /// <summary>Asks to make a call. A forced call passes always and is no trial; what comes of it counts all the same.</summary>
    public bool TryEnter(bool force)
    {
        lock (_gate)
        {
            if (!_open || force)
            {
                return true;
            }

            if (Remaining() > TimeSpan.Zero)
            {
                return false;
            }

            _openedAt = time.GetTimestamp();
            return true;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            _failures = 0;
            _open = false;
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            _failures++;
            if (_open || _failures >= Threshold)
            {
                _open = true;
                _openedAt = time.GetTimestamp();
            }
        }
    }

    private TimeSpan Remaining()
    {
        if (!_open)
        {
            return TimeSpan.Zero;
        }

        var remaining = Rest - time.GetElapsedTime(_openedAt);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }
}

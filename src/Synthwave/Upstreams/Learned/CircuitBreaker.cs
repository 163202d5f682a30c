namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Spares an upstream that is down: after <see cref="Threshold"/> failures in a row it refuses calls for <see cref="Rest"/>, then lets one trial
/// through at a time (a further one every <see cref="Rest"/>, so that a trial that never reports cannot keep it shut). The first success closes it.
/// Counts a run, not a ratio: a ratio says nothing about an upstream that is called once a minute. A run that one and the same request may have caused proves nothing, however
/// long it is: one client must not take an upstream from all others. Thread-safe.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    public const int Threshold = 5;

    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private int _failures;
    private int? _suspect;
    private bool _isProven;
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
            _suspect = null;
            _isProven = false;
            _open = false;
        }
    }

    /// <summary>A call failed.</summary>
    /// <param name="suspect">Tells apart the requests that may have caused it themselves; null = no request can have.</param>
    public void Failed(int? suspect = null)
    {
        lock (_gate)
        {
            _failures++;
            var proves = suspect is null || (_suspect is { } first && first != suspect);
            _suspect ??= suspect;
            _isProven |= proves;

            // Once open, the request that is suspected anyway does not keep it so.
            if (_open ? proves : _isProven && _failures >= Threshold)
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

namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Whether one upstream's last <see cref="Window"/> generator calls were cut because the ensemble no longer waited. Says when it is time to tell the
/// operator: more than <see cref="Tolerated"/> of a full window cut, at most once in ten minutes. One that is cut <see cref="Enough"/> times in a row is late until a
/// draft of it comes in time: nobody need wait for it. Thread-safe.
/// </summary>
internal sealed class StragglerRecord(TimeProvider time)
{
    public const int Window = 100;

    /// <summary>Share of cut calls, 0–1.</summary>
    public const double Tolerated = 0.2;

    /// <summary>So many cuts in a row make a generator late.</summary>
    public const int Enough = 3;

    /// <summary>One request in so many asks a late generator.</summary>
    public const int TrialEvery = 10;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly bool[] _cuts = new bool[Window];
    private long _noted;
    private int _cut;
    private int _inARow;
    private int _untilTrial = TrialEvery;
    private long? _warnedAt;

    /// <summary>Whether its last calls were all cut.</summary>
    public bool IsLate => Volatile.Read(ref _inARow) >= Enough;

    /// <summary>Counts a request that does without it; true = this one is to try it.</summary>
    public bool TakeTrial()
    {
        lock (_gate)
        {
            _untilTrial = _untilTrial == 1 ? TrialEvery : _untilTrial - 1;
            return _untilTrial == TrialEvery;
        }
    }

    /// <summary>Notes a call; the number of cut calls in the window when a warning is due, otherwise null.</summary>
    public int? Note(bool wasCut)
    {
        lock (_gate)
        {
            var slot = _noted++ % Window;
            _cut += (wasCut ? 1 : 0) - (_cuts[slot] ? 1 : 0);
            _cuts[slot] = wasCut;
            _inARow = wasCut ? Math.Min(_inARow + 1, Enough) : 0;
            if (!wasCut || _noted < Window || _cut <= Window * Tolerated || (_warnedAt is { } last && time.GetElapsedTime(last) < Quiet))
            {
                return null;
            }

            _warnedAt = time.GetTimestamp();
            return _cut;
        }
    }
}

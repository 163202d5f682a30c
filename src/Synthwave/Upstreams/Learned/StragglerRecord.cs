namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Whether one upstream's last <see cref="Window"/> generator calls were cut because the ensemble no longer waited. Says when it is time to tell the
/// operator: more than <see cref="Tolerated"/> of a full window cut, at most once in ten minutes. Thread-safe.
/// </summary>
internal sealed class StragglerRecord(TimeProvider time)
{
    public const int Window = 100;

    /// <summary>Share of cut calls, 0–1.</summary>
    public const double Tolerated = 0.2;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly bool[] _cuts = new bool[Window];
    private long _noted;
    private int _cut;
    private long? _warnedAt;

    /// <summary>Notes a call; the number of cut calls in the window when a warning is due, otherwise null.</summary>
    public int? Note(bool wasCut)
    {
        lock (_gate)
        {
            var slot = _noted++ % Window;
            _cut += (wasCut ? 1 : 0) - (_cuts[slot] ? 1 : 0);
            _cuts[slot] = wasCut;
            if (!wasCut || _noted < Window || _cut <= Window * Tolerated || (_warnedAt is { } last && time.GetElapsedTime(last) < Quiet))
            {
                return null;
            }

            _warnedAt = time.GetTimestamp();
            return _cut;
        }
    }
}

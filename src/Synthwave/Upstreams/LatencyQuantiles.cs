namespace Synthwave.Upstreams;

/// <summary>
/// Quantiles of a duration over the last <see cref="Window"/> observations: exact, and quick to follow an upstream that becomes slower.
/// Observing is O(1); the window is sorted when a quantile is asked for after new observations. Thread-safe.
/// </summary>
internal sealed class LatencyQuantiles
{
    /// <summary>Observations a quantile needs before it is trusted.</summary>
    public const int Enough = 20;

    /// <summary>Observations remembered.</summary>
    public const int Window = 200;

    private readonly Lock _gate = new();
    private readonly long[] _ring = new long[Window];
    private readonly long[] _sorted = new long[Window];
    private int _count;
    private int _next;
    private bool _isSorted = true;

    public void Observe(TimeSpan elapsed)
    {
        lock (_gate)
        {
            _ring[_next] = elapsed.Ticks;
            _next = (_next + 1) % Window;
            _count = Math.Min(_count + 1, Window);
            _isSorted = false;
        }
    }

    /// <summary>The quantile <paramref name="q"/> (0–1), the smallest observation that so large a share does not exceed; null before <see cref="Enough"/> observations.</summary>
    public TimeSpan? Quantile(double q)
    {
        lock (_gate)
        {
            if (_count < Enough)
            {
                return null;
            }

            if (!_isSorted)
            {
                _ring.AsSpan(0, _count).CopyTo(_sorted);
                _sorted.AsSpan(0, _count).Sort();
                _isSorted = true;
            }

            var rank = (int)Math.Ceiling(Math.Clamp(q, 0, 1) * _count);
            return TimeSpan.FromTicks(_sorted[Math.Max(0, rank - 1)]);
        }
    }
}

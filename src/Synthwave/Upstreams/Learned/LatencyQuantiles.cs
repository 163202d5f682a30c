namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Quantiles of a duration over the last <see cref="Window"/> observations. A call that was cut tells only that it would have taken longer, and counts as
/// just that (the product-limit estimate), so that cutting calls does not by itself make an upstream look quicker. Thread-safe; the window stays sorted,
/// so that both observing and asking are one pass over it at most.
/// </summary>
internal sealed class LatencyQuantiles
{
    /// <summary>Observations a quantile needs before it is trusted.</summary>
    public const int Enough = 20;

    /// <summary>
    /// Observations remembered. A 95th percentile rests on the slowest twentieth of them: with 200 it wanders by a tenth from its place, and the calls
    /// waited for longest pay for that; with 1,000 by a twentieth.
    /// </summary>
    public const int Window = 1000;

    /// <summary>How far beyond the known an unknown quantile is looked for, step by step.</summary>
    public const double Reach = 1.1;

    /// <summary>
    /// How much a cut call counts. It was either slow and would have come, or hung and never would; nobody can tell, so one in three is taken for hung.
    /// (If all were taken for slow, patience would grow for the sake of calls that never end; if none, it would shrink with every cut.)
    /// </summary>
    private const double CutWeight = 2.0 / 3;

    // Shares are products of fractions: nineteen twentieths must not miss 0.95 by a rounding error.
    private const double Rounding = 1e-9;

    private readonly Lock _gate = new();

    // Twice the ticks, plus one for a call that was cut: ends sort before cuts of the same time.
    private readonly long[] _ring = new long[Window];
    private readonly long[] _sorted = new long[Window];
    private int _count;
    private int _cuts;
    private int _next;

    /// <summary>A call took so long.</summary>
    public void Observe(TimeSpan elapsed) => Add(elapsed.Ticks << 1);

    /// <summary>A call was given up after so long; it would have taken longer.</summary>
    public void ObserveCut(TimeSpan after) => Add((after.Ticks << 1) | 1);

    /// <summary>
    /// The quantile <paramref name="q"/> (0–1): the smallest time within which so large a share of calls ends. Where so many were cut that nobody knows, a
    /// little more than they were waited for, so that the next calls may show. Null before <see cref="Enough"/> observations.
    /// </summary>
    public TimeSpan? Quantile(double q)
    {
        lock (_gate)
        {
            if (_count < Enough)
            {
                return null;
            }

            // Each end takes its share of those still waited for; a cut leaves the share of the others as it is.
            var waiting = _count - _cuts + (_cuts * CutWeight);
            var running = 1.0;
            foreach (var entry in _sorted.AsSpan(0, _count))
            {
                if (IsCut(entry))
                {
                    waiting -= CutWeight;
                    continue;
                }

                running *= (waiting - 1) / waiting;
                waiting--;
                if (1 - running >= q - Rounding)
                {
                    return TimeSpan.FromTicks(entry >> 1);
                }
            }

            var rank = (int)Math.Ceiling(Math.Clamp(q, 0, 1) * _count);
            return TimeSpan.FromTicks(_sorted[Math.Max(0, rank - 1)] >> 1) * Reach;
        }
    }

    private static bool IsCut(long entry) => (entry & 1) != 0;

    private void Add(long entry)
    {
        lock (_gate)
        {
            if (_count == Window)
            {
                Remove(_ring[_next]);
            }

            _ring[_next] = entry;
            _next = (_next + 1) % Window;
            var at = Array.BinarySearch(_sorted, 0, _count, entry);
            at = at < 0 ? ~at : at;
            _sorted.AsSpan(at, _count - at).CopyTo(_sorted.AsSpan(at + 1));
            _sorted[at] = entry;
            _count++;
            _cuts += IsCut(entry) ? 1 : 0;
        }
    }

    private void Remove(long entry)
    {
        var at = Array.BinarySearch(_sorted, 0, _count, entry);
        _sorted.AsSpan(at + 1, _count - at - 1).CopyTo(_sorted.AsSpan(at));
        _count--;
        _cuts -= IsCut(entry) ? 1 : 0;
    }
}

namespace Synthwave.Upstreams.Learned;

/// <summary>
/// A token bucket: every call earns a share of a token, every hedge takes a whole one. Over any time hedges are therefore at most that share of the
/// calls, plus what a quiet time has saved up. Thread-safe.
/// </summary>
internal sealed class HedgeBudget
{
    /// <summary>Most hedges that can be saved up: an upstream that becomes slow all at once is not called twice as often for long.</summary>
    public const double Most = 10;

    // Shares add up with rounding errors; nineteen and a twentieth of them are one.
    private const double Rounding = 1e-9;

    private readonly Lock _gate = new();
    private double _tokens;

    /// <summary>A call was made; <paramref name="share"/> (0–1) of it may be hedged.</summary>
    public void Earn(double share)
    {
        lock (_gate)
        {
            _tokens = Math.Min(Most, _tokens + share);
        }
    }

    /// <summary>Takes a hedge; false = none has been earned.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_tokens < 1 - Rounding)
            {
                return false;
            }

            _tokens = Math.Max(0, _tokens - 1);
            return true;
        }
    }
}

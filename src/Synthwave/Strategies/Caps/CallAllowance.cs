using Synthwave.Configuration;

namespace Synthwave.Strategies.Caps;

/// <summary>
/// What is left of a request's caps for calls nobody has planned yet: retries, hedges, fallbacks. Each is taken at its worst case before it is made and
/// never given back, so that a cap holds whatever the calls turn out to cost. Thread-safe.
/// </summary>
internal sealed class CallAllowance(CapsConfig caps)
{
    private readonly Lock _gate = new();
    private int _calls;
    private decimal _usd;

    public static CallAllowance Unlimited { get; } = new(CapsConfig.None);

    /// <summary>What <paramref name="caps"/> leave at a request's start.</summary>
    public static CallAllowance Of(CapsConfig caps) => caps.LimitsCalls ? new CallAllowance(caps) : Unlimited;

    /// <summary>Whether there is anything to count.</summary>
    public bool IsLimited => caps.LimitsCalls;

    /// <summary>The caps with what was taken so far taken off. Of whatever is planned with it nothing may be taken by somebody else.</summary>
    public CapsConfig Left
    {
        get
        {
            lock (_gate)
            {
                return caps with { MaxCalls = caps.MaxCalls - _calls, MaxCostUsd = caps.MaxCostUsd - _usd };
            }
        }
    }

    /// <summary>Takes one call of at most <paramref name="worstCaseUsd"/>; null = its price is unknown, which no cost cap admits.</summary>
    public bool TryTake(decimal? worstCaseUsd) => TryTake(1, worstCaseUsd);

    /// <summary>Takes <paramref name="calls"/> calls of together at most <paramref name="worstCaseUsd"/>, all or nothing.</summary>
    public bool TryTake(int calls, decimal? worstCaseUsd)
    {
        if (!IsLimited)
        {
            return true;
        }

        lock (_gate)
        {
            if (_calls + calls > (caps.MaxCalls ?? int.MaxValue)
                || (caps.MaxCostUsd is { } most && (worstCaseUsd is not { } usd || _usd + usd > most)))
            {
                return false;
            }

            _calls += calls;
            _usd += worstCaseUsd ?? 0;
            return true;
        }
    }
}

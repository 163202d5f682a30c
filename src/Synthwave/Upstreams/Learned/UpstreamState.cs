using Synthwave.Configuration;

namespace Synthwave.Upstreams.Learned;

/// <summary>What is learned about an upstream and must outlive a reload. Thread-safe.</summary>
internal sealed class UpstreamState
{
    private bool _continuesTexts;

    /// <param name="identity">Which upstream.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="thinking">Where thinking is kept, of all upstreams.</param>
    public UpstreamState(UpstreamIdentity identity, TimeProvider time, ThinkingStore thinking)
    {
        Identity = identity;
        Breaker = new(time);
        Rest = new(time);
        ByCalls = new(Breaker, time);
        Places = new(time);
        Stragglers = new(time);
        Thinking = thinking.Open();
    }

    public UpstreamIdentity Identity { get; }

    public CircuitBreaker Breaker { get; }

    /// <summary>The rest it asked for.</summary>
    public RequestedRest Rest { get; }

    /// <summary>Why an ordinary call would not be made now; null = it would.</summary>
    public RestReason? Resting => Breaker.IsOpen ? RestReason.CircuitOpen : Rest.Remaining > TimeSpan.Zero ? RestReason.RateLimited : null;

    /// <summary>Times to completion of successful calls.</summary>
    public LatencyQuantiles Latency { get; } = new();

    /// <summary>Times to the first visible content of streamed calls.</summary>
    public LatencyQuantiles FirstContent { get; } = new();

    /// <summary>What the upstream's own token counts say about our estimates.</summary>
    public TokenCalibration Calibration { get; } = new();

    /// <summary>How often generators' calls were cut.</summary>
    public StragglerRecord Stragglers { get; }

    /// <summary>Earned by its calls, spent on hedging them.</summary>
    public HedgeBudget HedgeBudget { get; } = new();

    /// <summary>Signed thinking that led to tool calls still to be answered.</summary>
    public ThinkingMemory Thinking { get; }

    /// <summary>Its list of models is that of a server that continues texts at <c>/completions</c>.</summary>
    public bool ContinuesTexts
    {
        get => Volatile.Read(ref _continuesTexts);
        set => Volatile.Write(ref _continuesTexts, value);
    }

    /// <summary>The last probe's result and the probe under way.</summary>
    public HealthRecord Health { get; } = new();

    /// <summary>How it is by its calls alone.</summary>
    public CallHealth ByCalls { get; }

    /// <summary>Its calls in flight, and those that wait to be.</summary>
    public CallPlaces Places { get; }

    /// <summary>Calls in flight now, streams included until they are disposed.</summary>
    public int InFlight => Places.InFlight;

    /// <summary>Asks to make a call: null = it may be made, and where the breaker is open it is its trial. A forced one may always be.</summary>
    public RestReason? TryCall(bool force) =>
        !force && Resting is { } reason ? reason : Breaker.TryEnter(force) ? null : RestReason.CircuitOpen;
}

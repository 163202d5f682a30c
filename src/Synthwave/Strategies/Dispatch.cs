using Synthwave.Chat.Bodies;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>One request on its way through a strategy.</summary>
internal sealed record Dispatch
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>A timer may fire so much ahead of the clock it is measured by.</summary>
    private static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(15);

    public required ChatRequest Request { get; init; }

    /// <summary>The request's body with the operator's system prompt in front.</summary>
    public required ChatBody Body { get; init; }

    /// <summary>What members that cannot read all of <see cref="Body"/> are sent instead; null = it is text, which everybody reads.</summary>
    public MemberViews? Views { get; init; }

    /// <summary>What a model must read to answer the newest turn.</summary>
    public Modalities Needs { get; init; } = Modalities.Text;

    /// <summary>When the answer must be complete, or a stream committed; the latency cap included.</summary>
    public required Deadline Deadline { get; init; }

    public required DispatchReport Report { get; init; }

    public required ServerConfig Server { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Estimated tokens of <see cref="Body"/>'s messages, for whoever reads all of it.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>What this request may spend.</summary>
    public CapsConfig Caps { get; init; } = CapsConfig.None;

    /// <summary>What of <see cref="Caps"/> is left for further calls. A strategy takes what it plans with <see cref="Adopt"/>.</summary>
    public CallAllowance Allowance { get; init; } = CallAllowance.Unlimited;

    /// <summary>Finds any configured upstream, for a hedge that goes elsewhere.</summary>
    public Func<string, IUpstream?> FindUpstream { get; init; } = static _ => null;

    /// <summary>Whether <c>max_latency_ms</c>, counted from the request's start, is over.</summary>
    public bool IsLatencyOver => Caps.MaxLatency is { } most && Time.GetElapsedTime(Report.StartedAt) + TimerTick >= most;

    /// <summary>
    /// What <c>max_stream_secs</c> and <c>max_latency_ms</c>, counted from the request's start, leave for a stream that commits now; zero = no limit.
    /// </summary>
    public TimeSpan RemainingStreamTime()
    {
        TimeSpan? limit = Server.MaxStream == TimeSpan.Zero ? null : Server.MaxStream;
        if (Caps.MaxLatency is { } latency && (limit is null || latency < limit))
        {
            limit = latency;
        }

        if (limit is not { } most)
        {
            return TimeSpan.Zero;
        }

        var left = most - Time.GetElapsedTime(Report.StartedAt);
        return left > Least ? left : Least;
    }

    /// <summary>Whether the answer may show its model's reasoning: the profile says so, or the client speaks a dialect that asks for it.</summary>
    public bool ShowsReasoning(bool byProfile) => byProfile || Request.WantsReasoning;

    /// <summary>What <paramref name="upstream"/> is sent of the conversation.</summary>
    public MemberView ViewFor(UpstreamConfig upstream)
    {
        var whole = new MemberView(Body, PromptTokens);
        return Views is null || (Request.Modalities & ~upstream.Modalities) is Modalities.None ? whole : Views.Of(whole, upstream.Modalities & Request.Modalities);
    }

    /// <summary>
    /// An estimate for <see cref="UpstreamCall.PromptTokens"/>, which upstreams are calibrated with; null = the request holds more than text, whose estimate
    /// is none.
    /// </summary>
    public int? TextTokens(long promptTokens) => Request.Modalities == Modalities.Text ? TokenEstimator.Clamp(promptTokens) : null;

    /// <summary>How <paramref name="upstream"/>'s output becomes the answer of a profile.</summary>
    public AnswerPolicy PolicyFor(UpstreamConfig upstream, bool exposeReasoning, bool rescue) => new()
    {
        ExposeReasoning = exposeReasoning,
        Strip = upstream.StripReasoning,
        Rescue = rescue,
        Brand = Server.ModelName,
        WantsUsage = Request.IncludeUsage,
        MaxHeldBytes = Server.MaxReplyBytes,
        Contract = ToolContract.Of(Request),
    };

    /// <summary>A call with the client's own conversation and limit, for the planner.</summary>
    public CappedCall CallTo(IUpstream upstream, int toolsTokens) => CallEstimate.Of(upstream, (long)ViewFor(upstream.Config).PromptTokens + toolsTokens, Request.MaxTokens);

    /// <summary>Takes a plan's calls out of the allowance and reports what it gave up. Null = go ahead; otherwise the answer to give instead.</summary>
    public FailedReply? Adopt(CapPlan plan)
    {
        if (plan.Error is { } error)
        {
            return new FailedReply(error);
        }

        if (!Allowance.TryTake(plan.Calls, plan.WorstCaseUsd))
        {
            throw new InvalidOperationException("A plan within the caps is within the allowance: plan once, before any call.");
        }

        foreach (var step in plan.Degraded)
        {
            Report.Degrade(step);
        }

        return null;
    }

    /// <summary>Takes one more call with <paramref name="body"/> that no plan holds: a retry, a hedge, a fallback. False = the caps forbid it.</summary>
    public bool TryTakeCall(IUpstream upstream, ChatBody body)
    {
        if (!Allowance.IsLimited)
        {
            return true;
        }

        return Allowance.TryTake(EstimateOf(upstream, body).WorstCaseUsd);
    }

    /// <summary>A call with <paramref name="body"/>, whatever its messages are.</summary>
    public CappedCall EstimateOf(IUpstream upstream, ChatBody body)
    {
        var messages = body.TryGet("messages", out var json) ? TokenEstimator.Messages(json.Span) : 0;
        var tools = body.TryGet("tools", out _) ? Request.ToolsTokens : 0;
        return CallEstimate.Of(upstream, (long)messages + tools, CallEstimate.LimitIn(body));
    }

    /// <summary>The call with its retries bound to the allowance.</summary>
    public UpstreamCall WithinCaps(UpstreamCall call, IUpstream upstream) => call.MayRetry && Allowance.IsLimited
        ? call with { TakeRetry = () => TryTakeCall(upstream, call.Body) }
        : call;
}

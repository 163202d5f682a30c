using Synthwave.Chat.Bodies;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Formats;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>One request on its way through a strategy: what was asked, what members are sent of it, how long it may take, what it may spend.</summary>
internal sealed record Dispatch
{
    public required ChatRequest Request { get; init; }

    /// <summary>What each member is sent of the conversation, the operator's system prompt in front.</summary>
    public required MemberViews Views { get; init; }

    public required RequestClock Clock { get; init; }

    public required DispatchReport Report { get; init; }

    public required ServerConfig Server { get; init; }

    /// <summary>The JSON that the client asked for; null = any text will do. For strategies that choose between answers.</summary>
    public AnswerFormat? Format { get; init; }

    public Spending Spending { get; init; } = Spending.Unlimited;

    /// <summary>Finds any configured upstream, for a hedge that goes elsewhere.</summary>
    public Func<string, IUpstream?> FindUpstream { get; init; } = static _ => null;

    /// <summary>Whether the answer may show its model's reasoning: the profile says so, or the client speaks a dialect that asks for it.</summary>
    public bool ShowsReasoning(bool byProfile) => byProfile || Request.WantsReasoning;

    /// <summary>How <paramref name="upstream"/>'s output becomes the answer of a profile.</summary>
    public AnswerPolicy PolicyFor(UpstreamConfig upstream, bool exposeReasoning, bool rescue) => new()
    {
        ExposeReasoning = exposeReasoning,
        Strip = upstream.StripReasoning,
        Rescue = rescue,
        Brand = Server.ModelName,
        WantsUsage = Request.IncludeUsage,
        MaxHeldBytes = Server.MaxReplyBytes,
        Memory = Report.Memory,
        Contract = Request.HasForeignTools || (Request.HasOwnTools && upstream.Protocol is UpstreamProtocol.Anthropic) ? null : ToolContract.Of(Request),
    };

    /// <summary>A call with the client's own conversation and limit, for the planner.</summary>
    public CappedCall CallTo(IUpstream upstream, int toolsTokens) => CallEstimate.Of(upstream, (long)Views.For(upstream.Config).PromptTokens + toolsTokens, Request.MaxTokens);

    /// <summary>A call with <paramref name="body"/>, whatever its messages are.</summary>
    public CappedCall EstimateOf(IUpstream upstream, ChatBody body)
    {
        var messages = body.TryGet("messages", out var json) ? MessageTokens.OfAll(json.Span) : 0;
        var tools = body.TryGet("tools", out _) ? Request.ToolsTokens : 0;
        return CallEstimate.Of(upstream, (long)messages + tools, CallEstimate.LimitIn(body));
    }

    /// <summary>Takes a plan's calls out of what may be spent and reports what it gave up. Null = go ahead; otherwise the answer to give instead.</summary>
    public FailedReply? Adopt(CapPlan plan)
    {
        if (plan.Error is { } error)
        {
            return new FailedReply(error);
        }

        Spending.Take(plan);
        foreach (var step in plan.Degraded)
        {
            Report.Degrade(step);
        }

        return null;
    }

    /// <summary>Takes one more call with <paramref name="body"/> that no plan holds: a retry, a hedge, a fallback. False = the caps forbid it.</summary>
    public bool TryTakeCall(IUpstream upstream, ChatBody body) =>
        !Spending.IsLimited || Spending.Allowance.TryTake(EstimateOf(upstream, body).WorstCaseUsd);

    /// <summary>The call with its retries bound to what may be spent.</summary>
    public UpstreamCall WithinCaps(UpstreamCall call, IUpstream upstream) => call.MayRetry && Spending.IsLimited ? Bound(call, upstream) : call;

    // Apart, so that nothing is allocated where nothing is capped.
    private UpstreamCall Bound(UpstreamCall call, IUpstream upstream) => call with { TakeRetry = () => TryTakeCall(upstream, call.Body) };
}

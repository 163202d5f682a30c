using Synthwave.Chat.Bodies;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams;

/// <summary>One call to be made.</summary>
internal sealed record UpstreamCall
{
    /// <summary>The client's body with the strategy's edits; the upstream's own preparation is applied by the client.</summary>
    public required ChatBody Body { get; init; }

    /// <summary>The client's conversation where <see cref="Body"/> says more than that, so that what is remembered of the reply is found again; null = the body's.</summary>
    public ChatBody? Conversation { get; init; }

    /// <summary>What is asked; chat and completions may be streamed.</summary>
    public UpstreamOperation Operation { get; init; }

    public required CallRole Role { get; init; }

    /// <summary>By when a buffered reply must be complete, a streamed one committed.</summary>
    public required Deadline Deadline { get; init; }

    /// <summary>Ask for a stream.</summary>
    public bool Stream { get; init; }

    /// <summary>Whether retries are allowed here: nobody else can answer.</summary>
    public bool MayRetry { get; init; }

    /// <summary>Asked before every retry; false = no more of them. Null = as many as the upstream is configured for.</summary>
    public Func<bool>? TakeRetry { get; init; }

    /// <summary>This call so far, when its stream failed before anything of it was shown: it goes on with a retry, if one is left. Null = it begins.</summary>
    public FailedStart? Failed { get; private init; }

    /// <summary>The second call of a hedge, for the report.</summary>
    public bool IsHedge { get; init; }

    /// <summary>Call even when the upstream rests: no other member remains.</summary>
    public bool IsLastChance { get; init; }

    /// <summary>Estimate of the body's messages and tools, for the upstream to be calibrated with; null = not known, or they hold more than text.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Name for reports when it differs from the upstream's (<c>a#2</c>).</summary>
    public string? Label { get; init; }

    /// <summary>
    /// The same call, to be made once more, after a stream that it gave failed with <paramref name="fault"/> before anything of it was shown. Null = another attempt is
    /// not allowed here, or would not help.
    /// </summary>
    public UpstreamCall? Again(UpstreamReply reply, UpstreamFault? fault) =>
        MayRetry && reply is StreamingUpstreamReply && fault?.IsRetryable() is true ? this with { Failed = new(reply.Call, fault) } : null;
}

/// <summary>A call whose stream failed at its start.</summary>
/// <param name="Report">The call's, ended.</param>
/// <param name="Fault">Why.</param>
internal sealed record FailedStart(CallReport Report, UpstreamFault Fault);

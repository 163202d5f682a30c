using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Tools;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies;

/// <summary>
/// The call whose text becomes the answer, and the only place of the commit rule: until the first visible content is in hand the outcome is a value and
/// the caller may go elsewhere; a returned <see cref="StreamReply"/> belongs to its model and finishes or ends in an error.
/// </summary>
internal static class AnswerCall
{
    /// <summary>
    /// Calls <paramref name="upstream"/> and reads until the answer is complete (JSON) or committed (stream), hedged where the upstream is configured so.
    /// With <paramref name="acceptBlank"/> an answer without visible content is passed on as it is; otherwise it is a fault.
    /// </summary>
    public static Task<Attempt> RunAsync(
        IUpstream upstream, UpstreamCall call, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken)
    {
        call = dispatch.WithinCaps(call, upstream);
        return Hedge.Of(upstream, call, dispatch) is { } hedge
            ? RunHedgedAsync(hedge, upstream, call, policy, acceptBlank, dispatch, cancellationToken)
            : RunAloneAsync(upstream, call, policy, acceptBlank, dispatch, cancellationToken);
    }

    /// <summary>The answer from a completion that is already in hand, in the form the client asked for.</summary>
    public static async Task<Attempt> FromCompletionAsync(
        CompleteUpstreamReply complete, AnswerPolicy policy, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var candidate = dispatch.Request.Stream
            ? await CommitAsync(new SlicedStream(complete.Body, dispatch.Time), null, complete.Call, policy, acceptBlank: false, dispatch, cancellationToken)
            : Judge(complete, policy, acceptBlank: false);
        return candidate.Adopt(dispatch);
    }

    private static async Task<Attempt> RunAloneAsync(
        IUpstream upstream, UpstreamCall call, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var reply = await upstream.CallAsync(call, dispatch.Report, cancellationToken);
        return (await SettleAsync(reply, call.Stream, policy, acceptBlank, dispatch, cancellationToken)).Adopt(dispatch);
    }

    private static async Task<Attempt> RunHedgedAsync(
        Hedge hedge, IUpstream upstream, UpstreamCall call, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var (winner, source) = await hedge.RunAsync(
            token => TryAsync(upstream, call, policy, acceptBlank, dispatch, token),
            token => TryAsync(hedge.With, hedge.Call, policy with { Strip = hedge.With.Config.StripReasoning }, acceptBlank, dispatch, token),
            cancellationToken);
        return winner.Adopt(dispatch, source);
    }

    private static async Task<AnswerCandidate> TryAsync(
        IUpstream upstream, UpstreamCall call, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var reply = await upstream.CallAsync(call, dispatch.Report, cancellationToken);
        return await SettleAsync(reply, call.Stream, policy, acceptBlank, dispatch, cancellationToken);
    }

    private static ValueTask<AnswerCandidate> SettleAsync(
        UpstreamReply reply, bool stream, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken) => reply switch
    {
        FaultedUpstreamReply faulted => new(AnswerCandidate.Failed(reply.Call, faulted.Fault)),
        CompleteUpstreamReply complete when stream =>
            CommitAsync(new SlicedStream(complete.Body, dispatch.Time), null, reply.Call, policy, acceptBlank, dispatch, cancellationToken),
        CompleteUpstreamReply complete => new(Judge(complete, policy, acceptBlank)),
        StreamingUpstreamReply streaming =>
            CommitAsync(streaming.Stream, streaming.Stream, reply.Call, policy, acceptBlank, dispatch, cancellationToken),
        _ => throw new InvalidOperationException($"Unknown reply {reply.GetType().Name}."),
    };

    private static AnswerCandidate Judge(CompleteUpstreamReply complete, AnswerPolicy policy, bool acceptBlank)
    {
        if (complete.Clean(policy) is not { } clean)
        {
            return Fail(complete.Call, UpstreamFaultKind.Malformed);
        }

        AnswerFacts.Of(clean).NoteIn(complete.Call);
        if (clean.Breach is not ContractBreach.None)
        {
            return Fail(complete.Call, KindOf(clean.Breach));
        }

        return acceptBlank || clean.IsUsable
            ? AnswerCandidate.Complete(complete.Call, complete.Status, clean)
            : Fail(complete.Call, clean.Completion.Message is null ? UpstreamFaultKind.Malformed : UpstreamFaultKind.Blank);
    }

    private static async ValueTask<AnswerCandidate> CommitAsync(
        ChatStream source, UpstreamStream? upstreamStream, CallReport call, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch,
        CancellationToken cancellationToken)
    {
        var clean = new CleanAnswerStream(source, policy, dispatch.Time);
        var isKept = false;
        try
        {
            var start = await clean.CommitAsync(cancellationToken);
            isKept = start is AnswerStart.Committed || (start is AnswerStart.Blank && acceptBlank);
            if (isKept)
            {
                call.FirstContentAt ??= dispatch.Time.GetTimestamp();
                return AnswerCandidate.Streaming(call, clean, upstreamStream);
            }

            AnswerFacts.Of(clean).NoteIn(call);
            return start is AnswerStart.Blank
                ? Fail(call, UpstreamFaultKind.Blank)
                : upstreamStream?.Fault is { } fault ? AnswerCandidate.Failed(call, fault)
                : Fail(call, clean.Breach is ContractBreach.None ? KindOf(clean.FailureKind) : KindOf(clean.Breach));
        }
        finally
        {
            if (!isKept)
            {
                await clean.DisposeAsync();
            }
        }
    }

    private static UpstreamFaultKind KindOf(AnswerFailure failure) => failure switch
    {
        AnswerFailure.TooLarge => UpstreamFaultKind.TooLarge,
        AnswerFailure.ErrorEvent => UpstreamFaultKind.StreamBroken,
        _ => UpstreamFaultKind.Malformed,
    };

    private static UpstreamFaultKind KindOf(ContractBreach breach) => breach switch
    {
        ContractBreach.RequiredUnmet => UpstreamFaultKind.ToolRequiredUnmet,
        ContractBreach.ChoiceUnmet => UpstreamFaultKind.ToolChoiceUnmet,
        _ => UpstreamFaultKind.UndeclaredTool,
    };

    // The exchange went well, its content did not.
    private static AnswerCandidate Fail(CallReport call, UpstreamFaultKind kind)
    {
        var fault = new UpstreamFault(kind);
        call.Demote(fault.ReportReason());
        return AnswerCandidate.Failed(call, fault);
    }
}

/// <summary>What an <see cref="AnswerCall"/> came to: a reply, or the fault that leaves the next move to the caller.</summary>
internal readonly record struct Attempt(ChatReply? Reply, UpstreamFault? Fault);

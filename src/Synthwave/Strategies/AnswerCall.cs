using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Formats;
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
    /// Makes the call, within the request's caps and the upstream's, and reads until the answer is complete (JSON) or committed (stream), hedged where the upstream is
    /// configured so. The reply, or the fault that leaves the next move to the caller.
    /// </summary>
    public static Task<Result<ChatReply, UpstreamFault>> RunAsync(PlannedAnswer planned, CancellationToken cancellationToken)
    {
        planned = planned.Fit();
        var call = planned.Dispatch.WithinCaps(planned.Call, planned.Upstream);
        planned = ReferenceEquals(call, planned.Call) ? planned : planned with { Call = call };
        return Hedge.Of(planned.Upstream, call, planned.Dispatch) is { } hedge
            ? RunHedgedAsync(hedge, planned, cancellationToken)
            : RunAloneAsync(planned, cancellationToken);
    }

    /// <summary>The answer from a completion that is already in hand, in the form the client asked for.</summary>
    /// <param name="complete">The completion.</param>
    /// <param name="policy">How it becomes the answer.</param>
    /// <param name="acceptBlank">It is the answer even if it says nothing.</param>
    /// <param name="dispatch">The request.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<Result<ChatReply, UpstreamFault>> FromCompletionAsync(
        CompleteUpstreamReply complete, AnswerPolicy policy, bool acceptBlank, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var blanks = acceptBlank ? Blanks.Accepted : Blanks.Refused;
        var candidate = dispatch.Request.Stream
            ? await CommitAsync(Slice(complete, dispatch), null, complete.Call, policy, blanks, dispatch.Clock.Time, cancellationToken)
            : Judge(complete, policy, blanks);
        return candidate.Adopt(dispatch);
    }

    private static async Task<Result<ChatReply, UpstreamFault>> RunAloneAsync(PlannedAnswer planned, CancellationToken cancellationToken)
    {
        // What hardly ever needs a second attempt is spared the layer that makes it.
        var reply = await planned.Upstream.CallAsync(planned.Call, planned.Dispatch.Report, cancellationToken);
        var candidate = await SettleAsync(reply, planned, cancellationToken);
        if (planned.Call.Again(reply, candidate.Fault) is { } again)
        {
            candidate = await TryAsync(planned, again, cancellationToken);
        }

        return await AdoptAsync(candidate, planned);
    }

    private static async Task<Result<ChatReply, UpstreamFault>> RunHedgedAsync(Hedge hedge, PlannedAnswer planned, CancellationToken cancellationToken)
    {
        var second = planned.By(hedge).Fit();
        var (winner, source) = await hedge.RunAsync(token => TryAsync(planned, planned.Call, token), token => TryAsync(second, second.Call, token), cancellationToken);
        return await AdoptAsync(winner, planned, source);
    }

    private static async ValueTask<Result<ChatReply, UpstreamFault>> AdoptAsync(AnswerCandidate candidate, PlannedAnswer planned, IDisposable? owned = null)
    {
        if (planned.LastResort is { } lastResort && candidate.TakeSpare() is { } spare)
        {
            await lastResort.OfferAsync(planned, spare, isRefusal: candidate.Fault is { Kind: UpstreamFaultKind.Refused });
        }

        if (candidate.IsAnswer && planned.Clamped is { } name)
        {
            planned.Dispatch.Report.Clamp(name);
        }

        return candidate.Adopt(planned.Dispatch, owned);
    }

    private static async Task<AnswerCandidate> TryAsync(PlannedAnswer planned, UpstreamCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await planned.Upstream.CallAsync(call, planned.Dispatch.Report, cancellationToken);
            var candidate = await SettleAsync(reply, planned, cancellationToken);
            if (call.Again(reply, candidate.Fault) is not { } again)
            {
                return candidate;
            }

            call = again;
        }
    }

    private static ValueTask<AnswerCandidate> SettleAsync(UpstreamReply reply, PlannedAnswer planned, CancellationToken cancellationToken)
    {
        var (policy, dispatch) = (planned.Policy, planned.Dispatch);
        var blanks = planned.AcceptsBlank ? Blanks.Accepted : planned.LastResort is null ? Blanks.Refused : Blanks.SetAside;
        return reply switch
        {
            FaultedUpstreamReply faulted => new(AnswerCandidate.Failed(reply.Call, faulted.Fault)),
            CompleteUpstreamReply complete when planned.Call.Stream =>
                CommitAsync(Slice(complete, dispatch), null, reply.Call, policy, blanks, dispatch.Clock.Time, cancellationToken),
            CompleteUpstreamReply complete => new(Judge(complete, policy, blanks)),
            StreamingUpstreamReply streaming =>
                CommitAsync(streaming.Stream, streaming.Stream, reply.Call, policy, blanks, dispatch.Clock.Time, cancellationToken),
            _ => throw new InvalidOperationException($"Unknown reply {reply.GetType().Name}."),
        };
    }

    private static SlicedStream Slice(CompleteUpstreamReply complete, Dispatch dispatch) => new(complete.Body, dispatch.Clock.Time, complete.Completion);

    private static AnswerCandidate Judge(CompleteUpstreamReply complete, AnswerPolicy policy, Blanks blanks)
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

        var isRefusal = policy.HoldsRefusal && clean.IsRefusal;
        if (blanks is Blanks.Accepted || (clean.IsUsable && !isRefusal))
        {
            return InForm(clean, policy) is { } answer ? AnswerCandidate.Complete(complete.Call, complete.Status, answer) : Fail(complete.Call, UpstreamFaultKind.Malformed);
        }

        if (clean.Completion.Message is null)
        {
            return Fail(complete.Call, UpstreamFaultKind.Malformed);
        }

        return blanks is Blanks.SetAside && (isRefusal || FinishReasons.IsVerdict(clean.FinishReason))
            ? SetAside(complete.Call, isRefusal, AnswerCandidate.Complete(complete.Call, complete.Status, clean))
            : Fail(complete.Call, KindOf(isRefusal));
    }

    // Null = the text is not of the form that was asked.
    private static CleanCompletion? InForm(CleanCompletion clean, AnswerPolicy policy)
    {
        if (policy.Format is not { } format || clean.ToolCallCount > 0)
        {
            return clean;
        }

        var text = clean.Completion.Text;
        if (format.Find(text) is not { } found)
        {
            return null;
        }

        var completion = found == text ? clean.Completion : CompletionEditor.WithText(clean.Completion, found);
        return clean with { Completion = completion, Body = completion.Json, ContentChars = found.Length };
    }

    private static async ValueTask<AnswerCandidate> CommitAsync(
        ChatStream source, UpstreamStream? upstreamStream, CallReport call, AnswerPolicy policy, Blanks blanks, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var clean = new CleanAnswerStream(source, policy, time);
        var isKept = false;
        try
        {
            var start = await clean.CommitAsync(cancellationToken);
            if (start is AnswerStart.Committed && policy.Format is not null && clean.Opening is { } first && !AnswerFormat.MayBeginWith(first))
            {
                AnswerFacts.Of(clean).NoteIn(call);
                return Fail(call, UpstreamFaultKind.Malformed);
            }

            isKept = start is AnswerStart.Committed || (start is not AnswerStart.Failed && blanks is Blanks.Accepted);
            if (isKept)
            {
                call.FirstContentAt ??= time.GetTimestamp();
                return AnswerCandidate.Streaming(call, clean, upstreamStream);
            }

            AnswerFacts.Of(clean).NoteIn(call);
            if (start is AnswerStart.Failed)
            {
                return upstreamStream?.Fault is { } fault
                    ? AnswerCandidate.Failed(call, fault)
                    : Fail(call, clean.Breach is ContractBreach.None ? FaultOf(clean.FailureKind, policy) : new(KindOf(clean.Breach)));
            }

            var isRefusal = start is AnswerStart.Refused;
            isKept = blanks is Blanks.SetAside && (isRefusal || FinishReasons.IsVerdict(clean.FinishReason));
            return isKept ? SetAside(call, isRefusal, AnswerCandidate.Streaming(call, clean, upstreamStream)) : Fail(call, KindOf(isRefusal));
        }
        finally
        {
            if (!isKept)
            {
                await clean.DisposeAsync();
            }
        }
    }

    private static UpstreamFault FaultOf(AnswerFailure failure, AnswerPolicy policy) => failure switch
    {
        AnswerFailure.TooLarge => new(UpstreamFaultKind.TooLarge) { Limit = SizeLimit.Reply(policy.MaxHeldBytes) },
        AnswerFailure.NoMemory => new(UpstreamFaultKind.NoMemory),
        AnswerFailure.ErrorEvent or AnswerFailure.Cut => new(UpstreamFaultKind.StreamBroken),
        _ => new(UpstreamFaultKind.Malformed),
    };

    private static UpstreamFaultKind KindOf(ContractBreach breach) => breach switch
    {
        ContractBreach.RequiredUnmet => UpstreamFaultKind.ToolRequiredUnmet,
        ContractBreach.ChoiceUnmet => UpstreamFaultKind.ToolChoiceUnmet,
        _ => UpstreamFaultKind.UndeclaredTool,
    };

    private static UpstreamFaultKind KindOf(bool isRefusal) => isRefusal ? UpstreamFaultKind.Refused : UpstreamFaultKind.Blank;

    private static AnswerCandidate Fail(CallReport call, UpstreamFaultKind kind) => Fail(call, new UpstreamFault(kind));

    // The exchange went well, its content did not.
    private static AnswerCandidate Fail(CallReport call, UpstreamFault fault)
    {
        call.Demote(fault.ReportReason());
        return AnswerCandidate.Failed(call, fault);
    }

    private static AnswerCandidate SetAside(CallReport call, bool isRefusal, AnswerCandidate spare)
    {
        var fault = new UpstreamFault(KindOf(isRefusal));
        call.Demote(fault.ReportReason());
        return AnswerCandidate.SetAside(call, fault, spare);
    }

    /// <summary>What becomes of an answer that says nothing, or nothing but that it will not.</summary>
    private enum Blanks
    {
        /// <summary>It is none.</summary>
        Refused,

        /// <summary>It is none unless nobody has a better one, and it tells why.</summary>
        SetAside,

        /// <summary>It is one.</summary>
        Accepted,
    }
}

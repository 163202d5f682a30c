using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Judges a finished reply as a draft: it must be an answer, in one form, and call nothing undeclared. Where no calls are wanted they are taken out
/// before anything is judged, and the text counts. A refusal, or no text with the reason for it, is kept for the case that nobody has a better one.
/// </summary>
internal static class DraftReader
{
    public static DraftResult Read(
        CompleteUpstreamReply reply, IUpstream upstream, string label, bool rescue, ToolContract contract, Dispatch dispatch)
    {
        if ((reply.Completion ?? CompletionReader.Read(reply.Body)) is not { } completion)
        {
            return Demote(reply, label, "non_json");
        }

        var settled = CompletionCalls.Settle(completion, contract);
        var isStripped = settled.Label is CompletionCalls.NoneStripped;

        // Reasoning that led to a call is no answer.
        var policy = dispatch.PolicyFor(upstream.Config, exposeReasoning: false, rescue && !isStripped) with { Brand = null, Contract = null };
        if (CompletionEditor.Clean(settled.Completion, policy) is not { Completion.Message: not null } clean)
        {
            return Demote(reply, label, "non_json");
        }

        AnswerFacts.Of(clean).NoteIn(reply.Call);
        if (contract.Choice is not ToolChoice.None)
        {
            if (settled.IsDualShape)
            {
                return Demote(reply, label, "dual_shape_response");
            }

            if (settled.Breach is ContractBreach.UndeclaredTool)
            {
                return Demote(reply, label, "undeclared_tool");
            }
        }

        var isRefusal = clean.IsRefusal;
        var isLastResort = isRefusal || !clean.IsUsable;
        if (isLastResort && settled.Breach is ContractBreach.UndeclaredTool)
        {
            return Demote(reply, label, "undeclared_tool");
        }

        var visible = clean.Completion.Text;
        var format = settled.Calls.IsEmpty ? dispatch.Format : null;
        var json = format?.Find(visible);
        var draft = new Draft
        {
            Label = label,
            Upstream = upstream,
            Reply = reply with { Body = settled.Completion.Json, Completion = settled.Completion },
            Visible = visible,
            Json = json,
            IsOutOfForm = format is not null && json is null,
            Calls = settled.Calls,
            CallLabel = settled.Label switch
            {
                CompletionCalls.NoneStripped => FallbackReason.ToolChoiceNoneStripped,
                CompletionCalls.ParallelTrimmed => FallbackReason.ParallelViolationTrimmed,
                _ => null,
            },
            FinishReason = settled.Completion.FinishReason,
            IsRescued = clean.IsRescued,
            Rescue = rescue && !isStripped,
            IsLastResort = isLastResort,
            IsRefusal = isRefusal,
        };
        if (!isLastResort)
        {
            return new(label, draft, null);
        }

        var failed = Demote(reply, label, new UpstreamFault(isRefusal ? UpstreamFaultKind.Refused : UpstreamFaultKind.Blank).ReportReason());
        return isRefusal || FinishReasons.IsVerdict(draft.FinishReason) ? failed with { LastResort = draft } : failed;
    }

    private static DraftResult Demote(CompleteUpstreamReply reply, string label, string reason)
    {
        reply.Call.Demote(reason);
        return new(label, null, reason);
    }
}

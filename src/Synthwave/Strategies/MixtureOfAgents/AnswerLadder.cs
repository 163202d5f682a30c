using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// From drafts to one answer, and down the ladder when a step fails before anything was shown.
/// <code>
/// one draft, or agreement ──(keeps the contract)──────────────────────────► single_success · fastpath_consensus
/// drafts would write:  merge   ─► synthesizer ─► second ─► best draft       merged · fallback_primary
///                      best-of ─► judge       ─► second ─► best draft       best_of_picked · fallback_primary
/// drafts would call:   merge   ─► synthesizer ─► second ─► most frequent    merged · merged_with_repair · tool_preserved · fallback_primary
///                      best-of ─► most frequent call                        best_of_picked
/// nobody made the call that was demanded ─► 502 synthesis_failed
/// </code>
/// </summary>
internal sealed class AnswerLadder(MoaProfileConfig profile, Synthesizers synthesizers)
{
    private readonly DraftAnswer _drafts = new(profile);
    private readonly MergeSynthesis _merge = new(profile, synthesizers);
    private readonly ToolSynthesis _tools = new(profile, synthesizers);
    private readonly BestOfJudge _judge = new(profile, synthesizers);

    private bool IsBestOf => profile.Mode is SynthesisMode.BestOf;

    public Task<ChatReply> AnswerAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var panel = work.Panel;
        var first = panel.Drafts[0];
        if (panel.Drafts.Length == 1 && panel.Keeps(first))
        {
            return GiveAsync(work, first, Decision.SingleSuccess, work.Asked > 1 ? FallbackReason.SingleSuccess : FallbackReason.None, fastpath: true, cancellationToken);
        }

        if (panel.Drafts.Length > 1 && profile.FastpathOnAgreement && panel.AllAgree && panel.Keeps(first))
        {
            return GiveAsync(work, first, Decision.FastpathConsensus, work.BaseReason, fastpath: true, cancellationToken);
        }

        if (!work.Synthesizes && !(panel.WantsCall && IsBestOf))
        {
            return WithoutSynthesisAsync(work, cancellationToken);
        }

        return (panel.WantsCall, IsBestOf) switch
        {
            (false, false) => MergeAsync(work, cancellationToken),
            (false, true) => JudgeAsync(work, cancellationToken),
            (true, false) => CallAsync(work, cancellationToken),
            (true, true) => PickAsync(work, Decision.BestOfPicked, work.BaseReason, false, cancellationToken),
        };
    }

    /// <summary>Where no draft came, a refusal or a reason is the answer.</summary>
    public Task<ChatReply> GiveAsync(Draft lastResort, ToolContract contract, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        (report.Decision, report.FallbackReason, report.Fastpath) = (Decision.SingleSuccess, lastResort.CallLabel ?? FallbackReason.SingleSuccess, true);
        return _drafts.GiveAsync(lastResort, contract, dispatch, cancellationToken);
    }

    private Task<ChatReply> WithoutSynthesisAsync(LadderWork work, CancellationToken cancellationToken) => work.Panel.WantsCall
        ? PickAsync(work, Decision.FallbackPrimary, FailureReason(noTime: true), false, cancellationToken)
        : GiveAsync(work, work.Panel.Writers.Best(), Decision.FallbackPrimary, FailureReason(noTime: true), fastpath: false, cancellationToken);

    private async Task<ChatReply> MergeAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var writers = work.Panel.Writers;
        var synthesis = await _merge.RunAsync(work, writers.Drafts, cancellationToken);
        if (synthesis.Result is { } answer)
        {
            work.Decide(Decision.Merged, synthesis.IsFallback ? FallbackReason.SynthesizerFallback : work.BaseReason, fastpath: false);
            return answer;
        }

        return await GiveAsync(work, writers.Best(), Decision.FallbackPrimary, FailureReason(synthesis.NoTime), fastpath: false, cancellationToken);
    }

    private async Task<ChatReply> JudgeAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var all = work.Panel.Writers;
        var writers = all.InForm;
        if (writers.Drafts.Length == 1 && all.Drafts.Length > 1)
        {
            return await GiveAsync(work, writers.Drafts[0], Decision.BestOfPicked, work.BaseReason, fastpath: false, cancellationToken);
        }

        var verdict = await _judge.RunAsync(work, writers.Drafts, cancellationToken);
        return verdict.Result is { } chosen
            ? await GiveAsync(work, chosen, Decision.BestOfPicked, verdict.IsFallback ? FallbackReason.SynthesizerFallback : work.BaseReason, fastpath: false, cancellationToken)
            : await GiveAsync(work, writers.Best(), Decision.FallbackPrimary, FailureReason(verdict.NoTime), fastpath: false, cancellationToken);
    }

    private async Task<ChatReply> CallAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var contract = work.Panel.Contract;
        var synthesis = await _tools.RunAsync(work, cancellationToken);
        var baseReason = synthesis.IsFallback ? FallbackReason.SynthesizerFallback : work.BaseReason;
        switch (synthesis.Result)
        {
            case null:
                return await PickAsync(work, Decision.FallbackPrimary, FailureReason(synthesis.NoTime), false, cancellationToken);
            case { Draft: null }:
                return await PickAsync(work, Decision.MergedWithRepair, FallbackReason.UndeclaredToolRepaired, true, cancellationToken);
            case { Draft: { } made } when !made.Calls.IsEmpty && contract.Judge(made.Calls) is ContractBreach.None:
                return await GiveAsync(work, made, made.CallLabel is null ? Decision.Merged : Decision.MergedWithRepair, baseReason, fastpath: false, cancellationToken);
            default:
                return contract.Choice switch
                {
                    ToolChoice.Required => await PickAsync(work, Decision.MergedWithRepair, FallbackReason.ToolRequiredRepaired, false, cancellationToken),
                    ToolChoice.Specific => await PickAsync(work, Decision.MergedWithRepair, FallbackReason.ToolChoiceRepaired, false, cancellationToken),

                    // The drafts voted to call, and the synthesizer wrote: their most frequent call stands.
                    _ => await PickAsync(work, Decision.ToolPreserved, baseReason, false, cancellationToken),
                };
        }
    }

    private async Task<ChatReply> PickAsync(LadderWork work, Decision decision, FallbackReason reason, bool wasUndeclared, CancellationToken cancellationToken) =>
        work.Panel.Pick() is { } draft
            ? await GiveAsync(work, draft, decision, reason, fastpath: false, cancellationToken)
            : new FailedReply(work.Panel.NothingFits(wasUndeclared));

    // What was done to the calls says more than why this draft is the answer.
    private Task<ChatReply> GiveAsync(LadderWork work, Draft draft, Decision decision, FallbackReason reason, bool fastpath, CancellationToken cancellationToken)
    {
        work.Decide(decision, draft.CallLabel ?? reason, fastpath);
        return _drafts.GiveAsync(draft, work.Panel.Contract, work.Dispatch, cancellationToken);
    }

    private static FallbackReason FailureReason(bool noTime) => noTime ? FallbackReason.InsufficientBudget : FallbackReason.SynthFailedPickedPrimary;
}

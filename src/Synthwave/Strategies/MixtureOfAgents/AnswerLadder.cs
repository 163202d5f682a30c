using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;

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
            return GiveAsync(work, first, "single_success", work.Asked > 1 ? "single_success" : "none", fastpath: true, cancellationToken);
        }

        if (panel.Drafts.Length > 1 && profile.FastpathOnAgreement && panel.AllAgree && panel.Keeps(first))
        {
            return GiveAsync(work, first, "fastpath_consensus", work.BaseReason, fastpath: true, cancellationToken);
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
            (true, true) => PickAsync(work, "best_of_picked", work.BaseReason, false, cancellationToken),
        };
    }

    private Task<ChatReply> WithoutSynthesisAsync(LadderWork work, CancellationToken cancellationToken) => work.Panel.WantsCall
        ? PickAsync(work, "fallback_primary", FailureReason(noTime: true), false, cancellationToken)
        : GiveAsync(work, work.Panel.Writers.Best(), "fallback_primary", FailureReason(noTime: true), fastpath: false, cancellationToken);

    private async Task<ChatReply> MergeAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var writers = work.Panel.Writers;
        var synthesis = await _merge.RunAsync(work, writers.Drafts, cancellationToken);
        if (synthesis.Result is { } answer)
        {
            work.Decide("merged", synthesis.IsFallback ? "synthesizer_fallback" : work.BaseReason, fastpath: false);
            return answer;
        }

        return await GiveAsync(work, writers.Best(), "fallback_primary", FailureReason(synthesis.NoTime), fastpath: false, cancellationToken);
    }

    private async Task<ChatReply> JudgeAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var writers = work.Panel.Writers;
        var verdict = await _judge.RunAsync(work, writers.Drafts, cancellationToken);
        return verdict.Result is { } chosen
            ? await GiveAsync(work, chosen, "best_of_picked", verdict.IsFallback ? "synthesizer_fallback" : work.BaseReason, fastpath: false, cancellationToken)
            : await GiveAsync(work, writers.Best(), "fallback_primary", FailureReason(verdict.NoTime), fastpath: false, cancellationToken);
    }

    private async Task<ChatReply> CallAsync(LadderWork work, CancellationToken cancellationToken)
    {
        var contract = work.Panel.Contract;
        var synthesis = await _tools.RunAsync(work, cancellationToken);
        var baseReason = synthesis.IsFallback ? "synthesizer_fallback" : work.BaseReason;
        switch (synthesis.Result)
        {
            case null:
                return await PickAsync(work, "fallback_primary", FailureReason(synthesis.NoTime), false, cancellationToken);
            case { Draft: null }:
                return await PickAsync(work, "merged_with_repair", "undeclared_tool_repaired", true, cancellationToken);
            case { Draft: { } made } when !made.Calls.IsEmpty && contract.Judge(made.Calls) is ContractBreach.None:
                return await GiveAsync(work, made, made.CallLabel is null ? "merged" : "merged_with_repair", baseReason, fastpath: false, cancellationToken);
            default:
                return contract.Choice switch
                {
                    ToolChoice.Required => await PickAsync(work, "merged_with_repair", "tool_required_repaired", false, cancellationToken),
                    ToolChoice.Specific => await PickAsync(work, "merged_with_repair", "tool_choice_repaired", false, cancellationToken),

                    // The drafts voted to call, and the synthesizer wrote: their most frequent call stands.
                    _ => await PickAsync(work, "tool_preserved", baseReason, false, cancellationToken),
                };
        }
    }

    private async Task<ChatReply> PickAsync(LadderWork work, string decision, string reason, bool wasUndeclared, CancellationToken cancellationToken) =>
        work.Panel.Pick() is { } draft
            ? await GiveAsync(work, draft, decision, reason, fastpath: false, cancellationToken)
            : new FailedReply(work.Panel.NothingFits(wasUndeclared));

    // What was done to the calls says more than why this draft is the answer.
    private Task<ChatReply> GiveAsync(LadderWork work, Draft draft, string decision, string reason, bool fastpath, CancellationToken cancellationToken)
    {
        work.Decide(decision, draft.CallLabel ?? reason, fastpath);
        return _drafts.GiveAsync(draft, work.Panel.Contract, work.Dispatch, cancellationToken);
    }

    private static string FailureReason(bool noTime) => noTime ? "insufficient_budget" : "synth_failed_picked_primary";
}

/// <summary>The drafts of one request with what is needed to make an answer of them.</summary>
/// <param name="Panel">The drafts.</param>
/// <param name="Asked">Generators that should have drafted.</param>
/// <param name="Synthesizes">False = the request's caps have no call for a synthesizer or a judge.</param>
/// <param name="Body">The request as the strategy carries it.</param>
/// <param name="Nonce">Drawn for the request.</param>
/// <param name="Place">Where the task goes in what the synthesizer is sent of the conversation; null = not looked for yet.</param>
/// <param name="Dispatch">The request.</param>
internal sealed record LadderWork(DraftPanel Panel, int Asked, bool Synthesizes, ChatBody Body, string Nonce, SynthesisPlace? Place, Dispatch Dispatch)
{
    /// <summary>The fallback label when nothing but a draft was lost.</summary>
    public string BaseReason => Panel.Drafts.Length < Asked ? "reduced_quorum" : "none";

    public void Decide(string decision, string fallbackReason, bool fastpath)
    {
        var report = Dispatch.Report;
        report.Decision = decision;
        report.FallbackReason = fallbackReason;
        report.Fastpath = fastpath;
        if (decision == "fallback_primary" && Dispatch.Clock.MaxLatency is not null && (fallbackReason == "insufficient_budget" || Dispatch.Clock.IsLatencyOver))
        {
            report.Degrade(CapPlanner.BestDraft);
        }
    }
}

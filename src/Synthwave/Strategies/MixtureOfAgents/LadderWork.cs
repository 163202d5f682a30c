using Synthwave.Chat.Bodies;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.MixtureOfAgents;

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
    public FallbackReason BaseReason => Panel.Drafts.Length < Asked ? FallbackReason.ReducedQuorum : FallbackReason.None;

    public void Decide(Decision decision, FallbackReason fallbackReason, bool fastpath)
    {
        var report = Dispatch.Report;
        report.Decision = decision;
        report.FallbackReason = fallbackReason;
        report.Fastpath = fastpath;
        if (decision is Decision.FallbackPrimary && Dispatch.Clock.MaxLatency is not null && (fallbackReason is FallbackReason.InsufficientBudget || Dispatch.Clock.IsLatencyOver))
        {
            report.Degrade(DegradeStep.BestDraft);
        }
    }
}

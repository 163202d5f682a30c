using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>An ensemble's calls as the planner sees them.</summary>
internal static class EnsembleCaps
{
    /// <summary>Around each draft in the synthesizer's prompt.</summary>
    private const int DraftFrame = 64;

    /// <summary>What of the ensemble fits the request's caps. The single upstreams are <see cref="Singles"/>.</summary>
    public static CapPlan Plan(MoaProfileConfig profile, GeneratorPlan plan, IUpstream synthesizer, Dispatch dispatch, int toolsTokens) => dispatch.Spending.Caps.LimitsCalls
        ? CapPlanner.Ensemble(
            dispatch.Spending.Caps,
            [.. plan.Generators.Select(g => Draft(g, plan, dispatch))],
            members => Synthesis(profile, [.. members.Select(i => plan.Generators[i])], synthesizer, dispatch, toolsTokens),
            [.. Singles(plan, synthesizer, dispatch, toolsTokens).Select(s => s.Generator is { } g ? Draft(g, plan, dispatch) : dispatch.CallTo(s.Upstream, toolsTokens))])
        : CapPlan.Everything(plan.Generators.Length);

    /// <summary>
    /// Who may answer alone: the synthesizer, which an operator trusts with the final word, if it can take the request as it is, its images too; then the generators,
    /// each once, with the conversation fitted to its window where it must be.
    /// </summary>
    public static ImmutableArray<(IUpstream Upstream, Generator? Generator)> Singles(
        GeneratorPlan plan, IUpstream synthesizer, Dispatch dispatch, int toolsTokens)
    {
        var needed = (long)dispatch.Views.For(synthesizer.Config).PromptTokens + toolsTokens + (dispatch.Request.MaxTokens ?? 0);
        var canAnswer = synthesizer.Config.Readable.HasFlag(dispatch.Views.Needs) && synthesizer.Config.Context >= needed && (toolsTokens == 0 || synthesizer.Config.SupportsFunctionCalling);
        var drafts = plan.Generators.DistinctBy(g => g.Upstream.Config.Name).Select(g => (g.Upstream, (Generator?)g));
        return [.. canAnswer ? drafts.Prepend((synthesizer, null)) : drafts];
    }

    private static CappedCall Draft(Generator generator, GeneratorPlan plan, Dispatch dispatch) =>
        CallEstimate.Of(generator.Upstream, plan.PromptTokensFor(generator), dispatch.Request.MaxTokens);

    // The synthesizer reads every draft in full length, and answers within the client's limit or its own.
    private static CappedCall Synthesis(
        MoaProfileConfig profile, ImmutableArray<Generator> drafts, IUpstream synthesizer, Dispatch dispatch, int toolsTokens)
    {
        var read = drafts.Sum(d => CallEstimate.OutputTokens(d.Upstream.Config, dispatch.Request.MaxTokens) + DraftFrame);
        var prompt = dispatch.Views.For(synthesizer.Config).PromptTokens + (long)toolsTokens + read + profile.SynthPromptOverheadTokens;
        return CallEstimate.Of(synthesizer, prompt, SynthesisLimit.Of(dispatch, synthesizer.Config));
    }
}

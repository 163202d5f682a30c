using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>One draft's author: an upstream, or one sample of it.</summary>
internal sealed record Generator(IUpstream Upstream, string Label, double Temperature, RescuePolicy Rescue)
{
    /// <summary>One generator per sample, in config order; further samples of <c>a</c> are <c>a#2</c>, <c>a#3</c> ….</summary>
    public static ImmutableArray<Generator> All(MoaProfileConfig profile, Func<string, IUpstream> upstream) =>
    [
        .. profile.Generators.SelectMany(g => Enumerable.Range(1, g.Samples).Select(sample => new Generator(
            upstream(g.Upstream),
            sample == 1 ? g.Upstream : $"{g.Upstream}#{sample}",
            g.Temperature ?? profile.GeneratorTemperature,
            profile.Rescue))),
    ];

    /// <summary>Asks for a draft. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<DraftResult> DraftAsync(
        ChatBody body, Deadline deadline, GeneratorPlan plan, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var call = new UpstreamCall
        {
            Body = body,
            Role = CallRole.Generator,
            Deadline = deadline,
            MayRetry = plan.Generators.Length == 1,
            IsLastChance = plan.AllCircuitsOpen,
            Label = Label,
            PromptTokens = plan.PromptTokensFor(this),
        };
        var reply = await Upstream.CallAsync(dispatch.WithinCaps(call, Upstream), dispatch.Report, cancellationToken);
        return reply switch
        {
            FaultedUpstreamReply faulted => new(Label, null, faulted.Fault.ReportReason()) { Fault = faulted.Fault },
            CompleteUpstreamReply complete => Judge(complete, dispatch),
            _ => throw new InvalidOperationException("A buffered call gave a stream."),
        };
    }

    /// <summary>The result of a call that was cut; the time it was waited for counts as an observation, so that patience does not shrink with every cut.</summary>
    public DraftResult Cut(TimeSpan after)
    {
        Upstream.Latency.Observe(after);
        return new(Label, null, "cancelled");
    }

    // A draft must be text: a call of a function nobody declared is a broken contract, blank text is no draft.
    private DraftResult Judge(CompleteUpstreamReply complete, Dispatch dispatch)
    {
        var policy = dispatch.PolicyFor(Upstream.Config, exposeReasoning: false, rescue: Rescue is RescuePolicy.Always) with { Brand = null };
        if (CompletionEditor.Clean(complete.Body, policy) is not { } clean)
        {
            return Demote(complete.Call, "non_json");
        }

        AnswerFacts.Of(clean).NoteIn(complete.Call);
        return clean.Completion.Message switch
        {
            null => Demote(complete.Call, "non_json"),
            { ToolCallCount: > 0, FunctionCall.IsPresent: true } => Demote(complete.Call, "dual_shape_response"),
            { ToolCallCount: > 0 } or { FunctionCall.IsPresent: true } => Demote(complete.Call, "undeclared_tool"),
            _ when !clean.IsUsable => Demote(complete.Call, "blank"),
            _ => new(Label, new Draft(this, complete, clean.Completion.Text, clean.FinishReason, clean.IsRescued), null),
        };
    }

    private DraftResult Demote(CallReport call, string reason)
    {
        call.Demote(reason);
        return new(Label, null, reason);
    }
}

/// <summary>A draft, or why there is none.</summary>
internal sealed record DraftResult(string Label, Draft? Draft, string? Reason)
{
    public UpstreamFault? Fault { get; init; }
}

/// <summary>A usable draft: the upstream's reply, and what a reader sees of it.</summary>
internal sealed record Draft(Generator Generator, CompleteUpstreamReply Reply, string Text, string? FinishReason, bool IsRescued)
{
    public string Label => Generator.Label;

    public DraftSignature Signature { get; } = DraftSignature.OfText(Text);
}

using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Formats;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Passthrough;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Generators draft side by side, a synthesizer reads the drafts and writes the answer.
/// <code>
///             ┌─► generator a ─► draft ─┐                             ┌─ one draft, or all agree ─► that draft
/// request ────┼─► generator b ─► draft ─┼─ quorum, patience ─► contract ┼─ drafts vote to write ────► merge: synthesizer's stream · best-of: judge
///             └─► generator c ─► ✗      ┘                             └─ drafts vote to call ─────► merge: synthesizer's call, validated · best-of: pick
///                                          failed before the first byte ─► second synthesizer ─► best draft · most frequent call
/// </code>
/// Time for the synthesizer is kept back before the fan-out starts.
/// </summary>
internal sealed class MixtureOfAgentsStrategy : IStrategy
{
    private readonly MoaProfileConfig _profile;
    private readonly IUpstream _synthesizer;
    private readonly ImmutableArray<Generator> _generators;
    private readonly Synthesizers _synthesizers;
    private readonly AnswerLadder _ladder;
    private readonly Func<string> _nonce;

    public MixtureOfAgentsStrategy(MoaProfileConfig profile, Func<string, IUpstream> upstream, Func<string>? nonce = null)
    {
        _profile = profile;
        _synthesizer = upstream(profile.Synthesizer);
        _nonce = nonce ?? Candidates.NewNonce;
        _generators = Generator.All(profile, upstream);
        _synthesizers = new Synthesizers(profile, upstream);
        _ladder = new AnswerLadder(profile, _synthesizers);
    }

    public StrategyKind Kind => MixtureOfAgentsKind.Instance;

    /// <summary>Where there is nothing to combine, the one upstream answers as if it were asked for itself.</summary>
    public static IStrategy Of(MoaProfileConfig profile, Func<string, IUpstream> upstream) => profile.IsPassthrough
        ? new PassthroughStrategy(upstream(profile.Synthesizer), profile.ExposeReasoning, profile.Rescue is not RescuePolicy.Off, profile.StripTools)
        : new MixtureOfAgentsStrategy(profile, upstream);

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        // :: Step 1: who is asked, and what
        var report = dispatch.Report;
        var nonce = _nonce();
        if (ForeignReasoning.Strip(dispatch.Views.Whole.Messages) is { } without)
        {
            dispatch = dispatch with { Views = dispatch.Views.Leaner(without) };
        }

        if (AnswerFormat.Of(dispatch.Request.Body) is { } format)
        {
            dispatch = dispatch with { Format = format };
        }

        var body = _profile.StripTools ? dispatch.Views.Whole.Body.WithoutTools() : dispatch.Views.Whole.Body;
        var contract = _profile.StripTools ? ToolContract.WithoutTools : ToolContract.Of(dispatch.Request);
        var toolsTokens = _profile.StripTools ? 0 : dispatch.Request.ToolsTokens;
        report.PromptTokensIn = dispatch.Views.Whole.PromptTokens;
        report.ToolsTokens = toolsTokens;
        var asked = Generator.For(_generators, contract, _profile.WithoutFunctions);
        var plan = GeneratorPlan.Create(asked, dispatch, g => g.TakesTools ? toolsTokens : 0);
        if (plan.Generators.IsEmpty)
        {
            return new FailedReply(plan.ToContextError());
        }

        var caps = EnsembleCaps.Plan(_profile, plan, _synthesizer, dispatch, toolsTokens);
        if (dispatch.Adopt(caps) is { } refusal)
        {
            return refusal;
        }

        var generators = plan.Generators;
        if (caps.IsSingle && EnsembleCaps.Singles(plan, _synthesizer, dispatch, toolsTokens)[caps.Members[0]] is var single)
        {
            if (single.Generator is not { } author)
            {
                return await AnswerAloneAsync(single.Upstream, dispatch, cancellationToken);
            }

            plan = plan.Only([author]);
        }
        else if (caps.Members.Length < generators.Length)
        {
            plan = plan.Only(caps.Members.Select(i => generators[i]));
        }

        var whole = plan;
        var late = LateDrafts.Among(whole, QuorumOf);
        plan = late.IsEmpty ? whole : whole.Only(whole.Generators.Where(g => !late.Contains(g)));
        report.PromptTokensOut = plan.PromptTokensOut;
        report.CompactedN = plan.CompactedN;
        report.Generators = plan.Generators.Length;

        // :: Step 2: drafts, with the synthesizer's time kept back
        var drafting = DraftAsync(plan, body, contract, nonce, caps.Synthesizes, dispatch, cancellationToken);

        await using var background = late.IsEmpty ? null : LateDrafts.Start(late, g => whole.CallTo(g, g.Fit(body, nonce), dispatch.Clock.Deadline), contract, dispatch, cancellationToken);

        // While they are awaited: a long conversation takes its time to read.
        var place = caps.Synthesizes ? new SynthesisPlace(dispatch.Views.For(_synthesizer.Config)) : null;
        var results = await drafting;
        if (!Array.Exists(results, static r => r.Draft is not null))
        {
            // Nobody has given a draft: who is late or wants to be left alone is asked after all.
            ImmutableArray<Generator> reserve = [.. plan.Generators.Where((_, i) => results[i].Fault?.IsLeftAlone() is true), .. late];
            var more = reserve.IsEmpty ? [] : await DraftAsync(whole.Only(reserve), body, contract, nonce, caps.Synthesizes, dispatch, cancellationToken);
            results = [.. results.Where(r => reserve.IsEmpty || r.Fault?.IsLeftAlone() is not true), .. more];
        }

        var drafts = results.Select(r => r.Draft).OfType<Draft>().ToImmutableArray();
        report.FailedGenerators =
        [
            .. plan.Skipped,
            .. late.Where(g => !Array.Exists(results, r => r.Label == g.Label)).Select(static g => KeyValuePair.Create(g.Label, LateDrafts.Reason)),
            .. results.Where(static r => r.Draft is null).Select(static r => KeyValuePair.Create(r.Label, r.Reason!)),
        ];
        report.Quorum = drafts.Length;
        if (drafts.IsEmpty)
        {
            return DraftResult.LastResortOf(results) is { } lastResort ? await _ladder.GiveAsync(lastResort, contract, dispatch, cancellationToken) : Fail(report, results);
        }

        // :: Step 3: one answer from the drafts
        var work = new LadderWork(new DraftPanel(drafts, contract), asked.Length, caps.Synthesizes, body, nonce, place, dispatch);
        var answering = _ladder.AnswerAsync(work, cancellationToken);

        // While the synthesizer is awaited: only the report needs them. A head that leaves meanwhile has both or neither: it asks for the lengths first.
        report.DraftHashes = DraftSignature.Hashes(drafts.Select(static d => d.Rendered));
        report.DraftLengths = [.. drafts.Select(d => KeyValuePair.Create(d.Label, d.Length))];
        return await answering;
    }

    // Nothing is combined: the one upstream streams its answer like any other.
    private async Task<ChatReply> AnswerAloneAsync(IUpstream upstream, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var alone = new PassthroughStrategy(upstream, _profile.ExposeReasoning, _profile.Rescue is not RescuePolicy.Off, _profile.StripTools);
        var reply = await alone.AnswerAsync(dispatch, cancellationToken);
        dispatch.Report.Decision = Decision.SingleSuccess;
        dispatch.Report.FallbackReason = FallbackReason.InsufficientBudget;
        dispatch.Report.Fastpath = true;
        return reply;
    }

    private async Task<DraftResult[]> DraftAsync(
        GeneratorPlan plan, ChatBody body, ToolContract contract, string nonce, bool synthesizes, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var deadline = synthesizes ? dispatch.Clock.Deadline.Reserve(_synthesizers.ReservedTime(dispatch)) : dispatch.Clock.Deadline;
        var policy = new FanOutPolicy<DraftResult>
        {
            IsSuccess = static r => r.Draft is not null,
            Quorum = QuorumOf,
            Patience = new Patience(_profile.Grace, _profile.MaxGrace),
            IsDecided = _profile.FastpathOnAgreement ? (successes, pending) => AgreementIsReached(successes, pending, contract) : null,
        };
        var calls = plan.Generators.Select(g => new FanOutCall<DraftResult>(
            token => g.DraftAsync(plan.CallTo(g, g.Fit(body, nonce), deadline), contract, dispatch, token),
            () => g.Upstream.Latency.Quantile(_profile.Patience)));

        var results = await FanOut.RunAsync([.. calls], policy, dispatch.Clock.Time, cancellationToken);

        // Whoever was cut because the others agreed was not slow.
        var successes = results.Where(r => r.Value is { Draft: not null }).Select(r => r.Value!).ToArray();
        var wasAgreed = policy.IsDecided?.Invoke(successes, results.Count(static r => r.WasCut)) is true;
        for (var i = 0; i < results.Length; i++)
        {
            if (!results[i].WasCut || !wasAgreed)
            {
                plan.Generators[i].Upstream.NoteDraft(results[i].WasCut);
            }
        }

        return [.. results.Select((r, i) => r.WasCut ? plan.Generators[i].Cut(r.CutAfter) : r.Value!)];
    }

    private static FailedReply Fail(DispatchReport report, DraftResult[] results)
    {
        var error = DraftFailures.ToError(results);
        if (error.Code == ReportLabels.NoQuorumAfterConstraint)
        {
            (report.Decision, report.FallbackReason) = (Decision.NoQuorumAfterConstraint, FallbackReason.NoQuorumAfterConstraint);
        }

        return new FailedReply(error);
    }

    private int QuorumOf(int alive) => Math.Min(_profile.Quorum ?? int.MaxValue, alive) is var asked && _profile.Quorum is not null
        ? Math.Max(1, asked)
        : Math.Max(1, ((2 * alive) + 2) / 3);

    // Drafts that agree to break the contract decide nothing: one that is pending may keep it.
    private bool AgreementIsReached(IReadOnlyList<DraftResult> successes, int pending, ToolContract contract) =>
        successes.Count > 1
        && successes.Count >= QuorumOf(successes.Count + pending)
        && contract.Judge(successes[0].Draft!.Calls) is ContractBreach.None
        && successes.All(s => s.Draft!.Signature == successes[0].Draft!.Signature);
}

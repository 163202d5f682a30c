using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Strategies.Passthrough;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Generators draft side by side, a synthesizer reads the drafts and writes the answer.
/// <code>
///             ┌─► generator a ─► draft ─┐
/// request ────┼─► generator b ─► draft ─┼─ quorum, patience ─► contract ─► one draft ──► that draft
///             └─► generator c ─► ✗      ┘                                ├─ agreement ─► first draft
///                                                                        └─ merge ─────► synthesizer ──► its stream
///                                                                              └─ failed before the first byte ─► best draft
/// </code>
/// Time for the synthesizer is kept back before the fan-out starts.
/// </summary>
internal sealed class MixtureOfAgentsStrategy : IStrategy
{
    private readonly MoaProfileConfig _profile;
    private readonly IUpstream _synthesizer;
    private readonly ImmutableArray<Generator> _generators;
    private readonly DraftFallback _fallback;
    private readonly MergeSynthesis _merge;

    public MixtureOfAgentsStrategy(MoaProfileConfig profile, Func<string, IUpstream> upstream, Func<string>? nonce = null)
    {
        _profile = profile;
        _synthesizer = upstream(profile.Synthesizer);
        _generators = Generator.All(profile, upstream);
        _fallback = new DraftFallback(profile);
        _merge = new MergeSynthesis(profile, _synthesizer, nonce ?? Candidates.NewNonce);
    }

    public string Name => "moa";

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        // :: Step 1: what every generator is sent
        var report = dispatch.Report;
        var body = _profile.StripTools ? dispatch.Body.WithoutTools() : dispatch.Body;
        var toolsTokens = _profile.StripTools ? 0 : dispatch.Request.ToolsTokens;
        report.PromptTokensIn = dispatch.PromptTokens;
        report.ToolsTokens = toolsTokens;
        if (toolsTokens > 0)
        {
            return NotAvailable.Reply("Tools in an ensemble");
        }

        var plan = GeneratorPlan.Create(_generators, dispatch, toolsTokens);
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
        else
        {
            plan = plan.Only(caps.Members.Select(i => generators[i]));
        }

        report.PromptTokensOut = plan.PromptTokensOut;
        report.CompactedN = plan.CompactedN;
        report.Generators = plan.Generators.Length;

        // :: Step 2: drafts, with the synthesizer's time kept back
        var results = await DraftAsync(plan, body, caps.Synthesizes, dispatch, cancellationToken);
        var drafts = results.Select(r => r.Draft).OfType<Draft>().ToImmutableArray();
        report.FailedGenerators = [.. plan.Skipped, .. results.Where(r => r.Draft is null).Select(r => KeyValuePair.Create(r.Label, r.Reason!))];
        report.Quorum = drafts.Length;
        if (drafts.IsEmpty)
        {
            return new FailedReply(DraftFailures.ToError(results));
        }

        // :: Step 3: one draft, agreement, or synthesis
        report.DraftLengths = [.. drafts.Select(d => KeyValuePair.Create(d.Label, d.Signature.Length))];
        report.DraftHashes = DraftSignature.Hashes(drafts.Select(d => d.Signature));
        var reduced = drafts.Length < _generators.Length;
        if (drafts.Length == 1)
        {
            Decide(report, "single_success", _generators.Length > 1 ? "single_success" : "none", fastpath: true);
            return await _fallback.AnswerAsync(drafts[0], dispatch, cancellationToken);
        }

        if (_profile.FastpathOnAgreement && drafts.All(d => d.Signature == drafts[0].Signature))
        {
            Decide(report, "fastpath_consensus", reduced ? "reduced_quorum" : "none", fastpath: true);
            return await _fallback.AnswerAsync(drafts[0], dispatch, cancellationToken);
        }

        var synthesis = caps.Synthesizes ? await _merge.RunAsync(body, drafts, dispatch, cancellationToken) : new Synthesis(null, NoTime: true);
        if (synthesis.Reply is { } answer)
        {
            Decide(report, "merged", reduced ? "reduced_quorum" : "none", fastpath: false);
            return answer;
        }

        // :: Step 4: the synthesizer gave nothing; the best draft is the answer
        if (dispatch.Caps.MaxLatency is not null && (synthesis.NoTime || dispatch.IsLatencyOver))
        {
            report.Degrade(CapPlanner.BestDraft);
        }

        Decide(report, "fallback_primary", synthesis.NoTime ? "insufficient_budget" : "synth_failed_picked_primary", fastpath: false);
        return await _fallback.AnswerAsync(DraftRanking.Best(drafts), dispatch, cancellationToken);
    }

    // Nothing is combined: the one upstream streams its answer like any other.
    private async Task<ChatReply> AnswerAloneAsync(IUpstream upstream, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var alone = new PassthroughStrategy(upstream, _profile.ExposeReasoning, _profile.Rescue is not RescuePolicy.Off, _profile.StripTools);
        var reply = await alone.AnswerAsync(dispatch, cancellationToken);
        Decide(dispatch.Report, "single_success", "insufficient_budget", fastpath: true);
        return reply;
    }

    private async Task<DraftResult[]> DraftAsync(GeneratorPlan plan, ChatBody body, bool synthesizes, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var deadline = synthesizes ? dispatch.Deadline.Reserve(_merge.ReservedTime(dispatch)) : dispatch.Deadline;
        var policy = new FanOutPolicy<DraftResult>
        {
            IsSuccess = static r => r.Draft is not null,
            Quorum = QuorumOf,
            Patience = new Patience(_profile.Grace, _profile.MaxGrace),
            IsDecided = _profile.FastpathOnAgreement ? AgreementIsReached : null,
        };
        var calls = plan.Generators.Select(g => new FanOutCall<DraftResult>(
            token => g.DraftAsync(plan.BodyFor(g, body), deadline, plan, dispatch, token),
            () => g.Upstream.Latency.Quantile(_profile.Patience)));

        var results = await FanOut.RunAsync([.. calls], policy, dispatch.Time, cancellationToken);
        return [.. results.Select((r, i) => r.WasCut ? plan.Generators[i].Cut(r.CutAfter) : r.Value!)];
    }

    private int QuorumOf(int alive) => Math.Min(_profile.Quorum ?? int.MaxValue, alive) is var asked && _profile.Quorum is not null
        ? Math.Max(1, asked)
        : Math.Max(1, ((2 * alive) + 2) / 3);

    private bool AgreementIsReached(IReadOnlyList<DraftResult> successes, int pending) =>
        successes.Count > 1
        && successes.Count >= QuorumOf(successes.Count + pending)
        && successes.All(s => s.Draft!.Signature == successes[0].Draft!.Signature);

    private static void Decide(DispatchReport report, string decision, string fallbackReason, bool fastpath)
    {
        report.Decision = decision;
        report.FallbackReason = fallbackReason;
        report.Fastpath = fastpath;
    }
}

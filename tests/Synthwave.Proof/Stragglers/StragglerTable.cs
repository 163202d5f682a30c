using System.Collections.Immutable;

namespace Synthwave.Proof.Stragglers;

/// <summary>Every policy over both lineups, the hedged synthesizer, and what must hold.</summary>
internal sealed record StragglerTable(ImmutableArray<StragglerRow> Rows, ImmutableArray<HedgeRow> Hedges)
{
    private const double Stalls = 0.02;

    private static readonly ImmutableArray<WaitPolicy> Policies =
        [WaitPolicy.WaitAll, WaitPolicy.Grace30, WaitPolicy.Grace5, WaitPolicy.Learned95, WaitPolicy.Learned90];

    /// <summary>Both lineups without, with few and with many stalls.</summary>
    public static StragglerTable Full(int calls, ulong seed) => new(
        [
            .. new[] { 0, Stalls, 0.05 }.SelectMany(stalls => Policies.Select(p => StragglerRun.Run(Lineup.Even(stalls), p, calls, seed))),
            .. new[] { 0, Stalls }.SelectMany(stalls => Policies.Add(WaitPolicy.Learned95WithLongGrace).Select(p => StragglerRun.Run(Lineup.WithSlowReasoner(stalls), p, calls, seed))),
        ],
        [.. new[] { 0, Stalls, 0.05 }.SelectMany(stalls => HedgeRun.Both(stalls, calls, seed))]);

    /// <summary>What the bounds speak of.</summary>
    public static StragglerTable Bounded(int calls, ulong seed) => new(
        [.. new[] { WaitPolicy.Grace30, WaitPolicy.Learned95, WaitPolicy.Learned90 }.Select(p => StragglerRun.Run(Lineup.Even(Stalls), p, calls, seed))],
        [.. HedgeRun.Both(Stalls, calls, seed)]);

    /// <summary>What is promised for three models not far apart and two stalls in a hundred calls.</summary>
    public IEnumerable<Bound> Bounds()
    {
        var fixedGrace = Row(WaitPolicy.Grace30);
        var learned = Row(WaitPolicy.Learned95);
        var quick = Row(WaitPolicy.Learned90);
        yield return Cut("learned patience: p95", fixedGrace.P95, learned.P95, 0.3);
        yield return Cut("learned patience: p99", fixedGrace.P99, learned.P99, 0.4);
        yield return new(learned.CallsEach == 1, FormattableString.Invariant($"learned patience: {learned.CallsEach - 1:0.0 %} extra calls, none allowed"));
        yield return new(learned.MeanDrafts >= 2.8, FormattableString.Invariant($"learned patience: {learned.MeanDrafts:0.000} of 3 drafts kept, at least 2.8"));
        yield return new(learned.Lost.Max() <= 0.07, FormattableString.Invariant($"learned patience: the generator lost most is lost in {learned.Lost.Max():0.0 %} of calls, at most 7 %"));
        yield return Cut("patience 0.9: p95", fixedGrace.P95, quick.P95, 0.4);

        var (plain, hedged) = (Hedges.Single(h => h.Stalls == Stalls && !h.IsHedged), Hedges.Single(h => h.Stalls == Stalls && h.IsHedged));
        yield return Cut("hedged synthesizer: p99", plain.P99, hedged.P99, 0.5);
        yield return new(hedged.ExtraCalls <= 0.06, FormattableString.Invariant($"hedged synthesizer: {hedged.ExtraCalls:0.0 %} extra calls, at most 6 %"));
    }

    private static Bound Cut(string what, TimeSpan before, TimeSpan after, double least)
    {
        var cut = 1 - (after / before);
        return new(cut >= least, FormattableString.Invariant($"{what} {before.TotalSeconds:0.0} s → {after.TotalSeconds:0.0} s, cut by {cut:0 %}, at least {least:0 %}"));
    }

    private StragglerRow Row(WaitPolicy policy) => Rows.Single(r => r.Lineup == Lineup.Even(Stalls).Name && r.Stalls == Stalls && r.Policy == policy.Name);
}

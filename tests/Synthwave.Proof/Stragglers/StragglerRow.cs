using System.Collections.Immutable;

namespace Synthwave.Proof.Stragglers;

/// <summary>
/// One line of the table: times of the whole fan-out; the drafts it kept; the share of calls in which each generator was cut; upstream calls per fan-out and
/// generator, where more than 1 would be extra calls.
/// </summary>
internal sealed record StragglerRow(
    string Lineup, double Stalls, string Policy, TimeSpan P50, TimeSpan P95, TimeSpan P99, double MeanDrafts, ImmutableArray<double> Lost, double CallsEach)
{
    public static string Header { get; } = $"{"lineup",-10} {"stalls",6}  {"policy",-20} {"p50 s",7} {"p95 s",7} {"p99 s",7}  {"drafts",6}  lost, per generator";

    public static StragglerRow Of(Lineup lineup, string policy, TimeSpan[] durations, int[] lost, int started)
    {
        var calls = durations.Length;
        Array.Sort(durations);
        ImmutableArray<double> shares = [.. lost.Select(l => (double)l / calls)];
        return new StragglerRow(
            lineup.Name, lineup.Generators[0].Stalls, policy, durations.Quantile(0.5), durations.Quantile(0.95), durations.Quantile(0.99),
            lost.Length - shares.Sum(), shares, (double)started / (calls * lost.Length));
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Lineup,-10} {Stalls,6:0 %}  {Policy,-20} {P50.TotalSeconds,7:0.0} {P95.TotalSeconds,7:0.0} {P99.TotalSeconds,7:0.0}  {MeanDrafts,6:0.00}  {string.Join(' ', Lost.Select(l => FormattableString.Invariant($"{l,7:0.0 %}")))}");
}

namespace Synthwave.Proof.Stragglers;

/// <summary>One line of the table of hedged calls: times to the first token, and second calls as a share of the first ones.</summary>
internal sealed record HedgeRow(double Stalls, bool IsHedged, TimeSpan P50, TimeSpan P95, TimeSpan P99, double ExtraCalls)
{
    public static string Header { get; } = $"{"synthesizer",-10} {"stalls",6}  {"",-20} {"p50 s",7} {"p95 s",7} {"p99 s",7}  extra calls";

    public override string ToString() => FormattableString.Invariant(
        $"{"0.5 s",-10} {Stalls,6:0 %}  {(IsHedged ? "hedge at p95, 5 %" : "no hedge"),-20} {P50.TotalSeconds,7:0.00} {P95.TotalSeconds,7:0.00} {P99.TotalSeconds,7:0.00}  {ExtraCalls,6:0.0 %}");
}

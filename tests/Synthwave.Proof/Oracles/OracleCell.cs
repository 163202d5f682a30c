namespace Synthwave.Proof.Oracles;

/// <summary>Theory and observation, side by side.</summary>
internal sealed record OracleCell(string What, int Models, double Expected, int Right, int Questions, double Slack)
{
    public static string Header { get; } = $"{"questions",-16} {"models",6}  {"theory",7} {"observed",8} {"off by",7}  of 3 standard errors";

    public double Observed => (double)Right / Questions;

    /// <summary>Three standard errors, and what the expectation itself may be off by.</summary>
    public double Tolerance => (3 * Math.Sqrt(Expected * (1 - Expected) / Questions)) + Slack;

    public bool Holds => Math.Abs(Observed - Expected) < Tolerance;

    public override string ToString() => FormattableString.Invariant(
        $"{What,-16} {Models,6}  {Expected,7:0.0000} {Observed,8:0.0000} {Observed - Expected,7:+0.0000;-0.0000}  {Tolerance:0.0000}{(Holds ? "" : "  BROKEN")}");
}

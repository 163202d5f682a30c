namespace Synthwave.Proof.Stragglers;

internal static class Quantiles
{
    /// <summary>The smallest value that a share of <paramref name="q"/> does not exceed. <paramref name="sorted"/> is ascending.</summary>
    public static TimeSpan Quantile(this TimeSpan[] sorted, double q) => sorted[Math.Max(0, (int)Math.Ceiling(q * sorted.Length) - 1)];
}

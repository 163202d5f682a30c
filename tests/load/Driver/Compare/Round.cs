namespace Synthwave.Load.Driver.Compare;

/// <summary>The turns of one case that followed each other.</summary>
internal sealed record Round(int Launch, Trial A, Trial B, Trial? Relay)
{
    /// <summary>Processor time per request, A's as a multiple of B's.</summary>
    public double Ratio => A.CpuMicros / B.CpuMicros;
}

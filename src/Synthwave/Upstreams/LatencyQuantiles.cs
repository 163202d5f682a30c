namespace Synthwave.Upstreams;

/// <summary>Streaming quantiles of completion times over recent calls. Thread-safe.</summary>
internal sealed class LatencyQuantiles
{
    /// <summary>Observations a quantile needs before it is trusted.</summary>
    public const int Enough = 20;

    public void Observe(TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>The quantile <paramref name="q"/> (0–1); null before <see cref="Enough"/> observations.</summary>
    public TimeSpan? Quantile(double q) => throw new NotImplementedException();
}

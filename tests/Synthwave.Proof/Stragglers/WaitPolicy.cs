using Synthwave.Strategies;

namespace Synthwave.Proof.Stragglers;

/// <summary>A way to wait for stragglers, as a profile's keys set it.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Patience">As the product builds it.</param>
/// <param name="Quantile">Of a generator's own completion times, where patience is learned.</param>
internal sealed record WaitPolicy(string Name, Patience Patience, double Quantile)
{
    private static readonly TimeSpan MaxGrace = TimeSpan.FromSeconds(30);

    public static WaitPolicy WaitAll { get; } = new("wait for all", Patience.ToDeadline, 0);

    public static WaitPolicy Grace30 { get; } = Fixed(30);

    public static WaitPolicy Grace5 { get; } = Fixed(5);

    public static WaitPolicy Learned95 { get; } = Learned(0.95, MaxGrace);

    public static WaitPolicy Learned90 { get; } = Learned(0.9, MaxGrace);

    /// <summary>For a model that is known to think long after the others have finished.</summary>
    public static WaitPolicy Learned95WithLongGrace { get; } = Learned(0.95, TimeSpan.FromSeconds(120));

    private static WaitPolicy Fixed(int seconds) => new($"quorum + {seconds} s", new Patience(TimeSpan.FromSeconds(seconds), MaxGrace), 0);

    private static WaitPolicy Learned(double quantile, TimeSpan maxGrace) => new(
        FormattableString.Invariant($"patience {quantile:0.##}{(maxGrace == MaxGrace ? "" : FormattableString.Invariant($", {maxGrace.TotalSeconds:0} s"))}"),
        new Patience(null, maxGrace),
        quantile);
}

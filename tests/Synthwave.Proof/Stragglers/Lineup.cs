using System.Collections.Immutable;

namespace Synthwave.Proof.Stragglers;

/// <summary>Generators that draft side by side.</summary>
internal sealed record Lineup(string Name, ImmutableArray<LatencyModel> Generators)
{
    /// <summary>Three models not far apart.</summary>
    public static Lineup Even(double stalls) => Of("5/7/10 s", stalls, 5, 7, 10);

    /// <summary>A quick one, an ordinary one and one that thinks for long.</summary>
    public static Lineup WithSlowReasoner(double stalls) => Of("3/10/40 s", stalls, 3, 10, 40);

    private static Lineup Of(string name, double stalls, double first, double second, double third) => new(
        name,
        [
            new(TimeSpan.FromSeconds(first), 0.45, stalls),
            new(TimeSpan.FromSeconds(second), 0.45, stalls),
            new(TimeSpan.FromSeconds(third), 0.55, stalls),
        ]);
}

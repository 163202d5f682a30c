using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Oracles;

/// <summary>Voters of different accuracy: what a simple majority reaches, and what votes weighted by log odds do.</summary>
internal sealed record VoteOracle(ItemKind Kind, ImmutableArray<double> Accuracies, double Majority, double Weighted)
{
    public static ImmutableArray<VoteOracle> All(ulong seed)
    {
        return
        [
            Of("jury-1", [0.9, 0.6, 0.6], 0.792, 0.900),
            Of("jury-2", [0.8, 0.7, 0.6], 0.788, 0.800),
            Of("jury-3", [0.8, 0.7, 0.7, 0.6, 0.6], 0.8127, 0.8362),
            Of("jury-4", [0.75, 0.75, 0.75], 0.8438, 0.8438),
        ];

        VoteOracle Of(string name, ImmutableArray<double> accuracies, double majority, double weighted) =>
            new(new ItemKind { Name = name, Seed = seed, Options = ["yes", "no"] }, accuracies, majority, weighted);
    }

    public string MajorityProfile => $"{Kind.Name}-majority";

    public string WeightedProfile => $"{Kind.Name}-weighted";

    /// <summary>Both profiles over voters <c>v1</c>, <c>v2</c> …</summary>
    public string ToToml()
    {
        var voters = string.Join(", ", Accuracies.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"\"v{i + 1}\"")));
        var weights = string.Join(", ", Accuracies.Select((p, i) => string.Create(CultureInfo.InvariantCulture, $"v{i + 1} = {Math.Log(p / (1 - p)):0.000000}")));
        return $"""
            [profiles.{MajorityProfile}]
            type = "voting"
            upstreams = [{voters}]
            aggregation = "majority"
            [profiles.{WeightedProfile}]
            type = "voting"
            upstreams = [{voters}]
            aggregation = "weighted"
            weights = {"{"} {weights} {"}"}

            """;
    }
}

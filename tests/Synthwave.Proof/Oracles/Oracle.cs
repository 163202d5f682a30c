using System.Collections.Immutable;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Oracles;

/// <summary>
/// What theory says about an ensemble. The figures are those of the literature's formulas, computed elsewhere: binomial sums (independent, mixture),
/// beta-binomial sums (correlated), enumeration (weighted), and for plurality a large simulation, good to three thousandths.
/// </summary>
/// <param name="Kind">The questions.</param>
/// <param name="Accuracy">Of each model alone.</param>
/// <param name="Expected">Share of right answers by size of the panel.</param>
/// <param name="Slack">How far the figures themselves may be off.</param>
internal sealed record Oracle(ItemKind Kind, double Accuracy, ImmutableArray<(int Models, double Share)> Expected, double Slack = 0.00005)
{
    private static readonly ImmutableArray<string> TwoOptions = ["A", "B"];

    public static ImmutableArray<Oracle> All(ulong seed)
    {
        return
        [
            Of("condorcet-0.6", 0.6, [(1, 0.6), (3, 0.64800), (5, 0.68256), (7, 0.71021), (9, 0.73343)]),
            Of("condorcet-0.7", 0.7, [(1, 0.7), (3, 0.78400), (5, 0.83692), (7, 0.87396), (9, 0.90119)]),
            Of("condorcet-0.8", 0.8, [(1, 0.8), (3, 0.89600), (5, 0.94208), (7, 0.96666), (9, 0.98042)]),
            Of("condorcet-0.9", 0.9, [(1, 0.9), (3, 0.97200), (5, 0.99144), (7, 0.99727), (9, 0.99911)]),
            Correlated("rho-0.1", 0.1, 0.7619, 0.7940, 0.8139, 0.8274),
            Correlated("rho-0.2", 0.2, 0.7448, 0.7649, 0.7763, 0.7837),
            Correlated("rho-0.4", 0.4, 0.7216, 0.7294, 0.7334, 0.7358),
            Correlated("rho-0.6", 0.6, 0.7084, 0.7110, 0.7122, 0.7130),
            new(Kind("easy-and-hard") with { Options = TwoOptions, Mixture = new ItemMixture(0.6, 0.85, 0.40) }, 0, [(1, 0.67), (3, 0.7043), (5, 0.7110), (7, 0.7087), (9, 0.7032)]),
            Plural("plural-0.33", 1 / 3.0, 0.650, 0.747, 0.817),
            Plural("plural-0.60", 0.60, 0.620, 0.681, 0.719),
            Plural("plural-0.90", 0.90, 0.586, 0.614, 0.634),
        ];

        ItemKind Kind(string name) => new() { Name = name, Seed = seed };

        Oracle Of(string name, double accuracy, ImmutableArray<(int, double)> expected) => new(Kind(name) with { Options = TwoOptions }, accuracy, expected);

        Oracle Correlated(string name, double rho, double three, double five, double seven, double nine) =>
            new(Kind(name) with { Options = TwoOptions, Correlation = rho }, 0.7, [(1, 0.7), (3, three), (5, five), (7, seven), (9, nine)]);

        Oracle Plural(string name, double agreement, double three, double five, double seven) =>
            new(Kind(name) with { WrongAgreement = agreement }, 0.55, [(1, 0.55), (3, three), (5, five), (7, seven)], Slack: 0.003);
    }
}

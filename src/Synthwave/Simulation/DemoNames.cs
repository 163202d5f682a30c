using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>The ids of the demo's models.</summary>
internal static class DemoNames
{
    public const string Quick = "sim-quick";
    public const string Careful = "sim-careful";
    public const string Bold = "sim-bold";

    /// <summary>In the order in which they are shown and asked.</summary>
    public static ImmutableArray<string> All { get; } = [Quick, Careful, Bold];
}

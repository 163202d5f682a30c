using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>Every metric that is exposed, in the order it is exposed.</summary>
internal static class MetricCatalogue
{
    /// <summary>The parts a reader looks through.</summary>
    public static ImmutableArray<MetricSection> Sections { get; } =
    [
        new("Requests", RequestMetrics.All),
        new("Upstreams", UpstreamMetrics.All),
        new("Gateway", GatewayStateMetrics.All),
        new("Process", ProcessMetrics.All),
        new(".NET runtime", RuntimeMetrics.All),
    ];

    public static ImmutableArray<MetricDeclaration> All { get; } = [.. Sections.SelectMany(static s => s.Metrics)];

    /// <summary>Every name a query can use, a histogram's three included.</summary>
    public static ImmutableHashSet<string> SampleNames { get; } = [.. All.SelectMany(static m => m.SampleNames)];
}

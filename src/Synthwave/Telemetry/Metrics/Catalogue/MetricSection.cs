using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>Metrics about one subject.</summary>
/// <param name="Title">The subject.</param>
/// <param name="Metrics">In the order they are exposed.</param>
internal sealed record MetricSection(string Title, ImmutableArray<MetricDeclaration> Metrics);

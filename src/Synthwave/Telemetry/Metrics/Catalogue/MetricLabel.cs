namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>A label of a metric. Its values are names from the file or a closed set, never a client's text.</summary>
/// <param name="Name">As exposed.</param>
/// <param name="Values">What they are, for a reader.</param>
/// <param name="IsNameFromFile">The values are names of profiles or upstreams; a series goes when its name leaves the file.</param>
internal sealed record MetricLabel(string Name, string Values, bool IsNameFromFile = false);

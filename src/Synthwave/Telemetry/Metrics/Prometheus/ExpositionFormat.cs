namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>The text formats metrics are exposed in.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text 0.0.4.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.0: with units, exemplars and the times at which series began.</summary>
    OpenMetrics,
}

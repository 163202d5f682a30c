namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>How a metric behaves over time.</summary>
internal enum MetricKind
{
    /// <summary>Only grows; starts at 0 with the process.</summary>
    Counter,

    /// <summary>A value of this moment.</summary>
    Gauge,

    /// <summary>Counts observations by size.</summary>
    Histogram,

    /// <summary>Always 1; what it says is in its labels.</summary>
    Info,
}

namespace Synthwave.Telemetry.Reports;

/// <summary>How the request ended for the client.</summary>
internal enum DispatchOutcome
{
    Running,
    Success,

    /// <summary>Answered, with less than was configured.</summary>
    Degraded,
    Failed,
    Cancelled,
}

namespace Synthwave.Telemetry.Reports;

/// <summary>How a call ended.</summary>
internal enum CallOutcome { Running, Succeeded, Failed, Cancelled }

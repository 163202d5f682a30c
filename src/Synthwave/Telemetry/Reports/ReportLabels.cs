using Synthwave.Configuration;

namespace Synthwave.Telemetry.Reports;

/// <summary>The closed sets of words that metrics, spans, the log line and the trace object share.</summary>
internal static class ReportLabels
{
    /// <summary>Stands for a name that is not in the file.</summary>
    public const string Unknown = "-";

    public static string Of(CallRole role) => role switch
    {
        CallRole.Passthrough => "passthrough",
        CallRole.Member => "member",
        CallRole.Generator => "generator",
        CallRole.Synthesizer => "synthesizer",
        CallRole.Voter => "voter",
        CallRole.Describer => "describer",
        _ => Unknown,
    };

    /// <summary>A call nobody waited for counts as cancelled: when a request is over, what still runs was cut.</summary>
    public static string Of(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Succeeded => "success",
        CallOutcome.Failed => "failed",
        _ => "cancelled",
    };

    /// <summary>A request that ended without anybody saying how has failed.</summary>
    public static string Of(DispatchOutcome outcome) => outcome switch
    {
        DispatchOutcome.Success => "success",
        DispatchOutcome.Degraded => "degraded",
        DispatchOutcome.Cancelled => "cancelled",
        _ => "failed",
    };

    public static string Of(LogThreshold level) => level switch
    {
        LogThreshold.Debug => "debug",
        LogThreshold.Info => "info",
        LogThreshold.Warning => "warning",
        _ => "error",
    };

    public static string YesNo(bool yes) => yes ? "yes" : "no";
}

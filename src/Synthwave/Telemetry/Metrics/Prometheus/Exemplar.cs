namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>One observation and the request it comes from. Immutable.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="RequestId">The request's own id, ASCII.</param>
/// <param name="Value">What was observed.</param>
/// <param name="At">When, in seconds since 1970.</param>
internal sealed record Exemplar(string TraceId, string RequestId, double Value, double At)
{
    public const string TraceLabel = "trace_id";
    public const string RequestLabel = "request_id";

    /// <summary>Most characters all names and values of an exemplar's labels may have together (OpenMetrics 1.0).</summary>
    public const int LongestLabels = 128;

    /// <summary>Whether both ids fit. The trace's alone always does.</summary>
    public bool HasRoomForRequest => TraceLabel.Length + TraceId.Length + RequestLabel.Length + RequestId.Length <= LongestLabels;
}

using Synthwave.Chat;

namespace Synthwave.Strategies;

/// <summary>Tells a request that ran out of its own time from one that failed otherwise.</summary>
internal static class LatencyCap
{
    public static GatewayError Error { get; } =
        new(504, "deadline_exceeded", "max_latency_ms was over before there was anything to answer with.");

    /// <summary>In the middle of a stream.</summary>
    public static GatewayError StreamError { get; } = new(504, "deadline_exceeded", "max_latency_ms was over in the middle of the answer.");

    /// <summary>
    /// Whether a failure is due to <c>max_latency_ms</c>: it is over, or every call was given the time there was and used it up. (An ensemble keeps up to
    /// half of the time back for its synthesis, so its drafts end earlier.)
    /// </summary>
    public static bool IsReason(Dispatch dispatch)
    {
        if (dispatch.Clock.MaxLatency is not { } most)
        {
            return false;
        }

        var calls = dispatch.Report.Calls;
        return dispatch.Clock.IsLatencyOver
            || (calls.Count > 0 && dispatch.Clock.Elapsed >= most / 2 && calls.All(c => c.Reason is "timeout" or "cancelled"));
    }
}

using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Calls;

/// <summary>Turns what the HTTP stack throws into faults.</summary>
internal static class TransportFault
{
    /// <summary>
    /// The fault <paramref name="exception"/> stands for; null = it is none: the caller cancelled, or it is a bug. <paramref name="status"/> is the reply's
    /// status when its head had arrived.
    /// </summary>
    public static UpstreamFault? From(Exception exception, CallClock clock, int? status) => exception switch
    {
        OperationCanceledException when clock.IsCancelled => null,
        OperationCanceledException when clock.TimedOut => new UpstreamFault(UpstreamFaultKind.TimedOut) { Status = status },
        // The handler's own limit, the only one that is not the clock's.
        OperationCanceledException { InnerException: TimeoutException } => new UpstreamFault(UpstreamFaultKind.TimedOut) { DuringConnect = true },
        OperationCanceledException => null,
        HttpRequestException http => new UpstreamFault(UpstreamFaultKind.Unreachable) { Status = status, DuringConnect = IsConnect(http.HttpRequestError) },
        IOException => new UpstreamFault(UpstreamFaultKind.Unreachable) { Status = status },
        _ => null,
    };

    private static bool IsConnect(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
}

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Calls;

/// <summary>Turns what the HTTP stack throws into faults.</summary>
internal static class TransportFault
{
    private static readonly (string Word, TransportTrouble Trouble)[] TlsWords =
    [
        (nameof(SslPolicyErrors.RemoteCertificateNameMismatch), TransportTrouble.TlsName),
        (nameof(X509ChainStatusFlags.NotTimeValid), TransportTrouble.TlsExpired),
        (nameof(X509ChainStatusFlags.UntrustedRoot), TransportTrouble.TlsAuthority),
        (nameof(X509ChainStatusFlags.PartialChain), TransportTrouble.TlsAuthority),
        ("frame", TransportTrouble.NotTls),
    ];

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
        HttpRequestException http => new UpstreamFault(UpstreamFaultKind.Unreachable)
        {
            Status = status,
            DuringConnect = IsConnect(http.HttpRequestError),
            Trouble = TroubleOf(http),
        },
        // The handler asks a fresh connection for its peer's address, and says it in the socket's own words when it is gone again by then.
        SocketException => new UpstreamFault(UpstreamFaultKind.Unreachable) { Status = status, DuringConnect = true, Trouble = TroubleOf(exception) },
        // Compressed wrongly.
        InvalidDataException => new UpstreamFault(UpstreamFaultKind.Malformed) { Status = status },
        IOException => new UpstreamFault(UpstreamFaultKind.Unreachable) { Status = status, Trouble = TroubleOf(exception) },
        _ => null,
    };

    /// <summary>What broke, as far as <paramref name="exception"/> tells.</summary>
    public static TransportTrouble TroubleOf(Exception exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => TransportTrouble.Dns,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => TlsTrouble(exception),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => TransportTrouble.Proxy,
        AuthenticationException => TlsTrouble(exception),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => TransportTrouble.Refused,
        SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected } => TransportTrouble.Reset,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery } => TransportTrouble.Dns,
        { InnerException: { } inner } => TroubleOf(inner),
        _ => TransportTrouble.Unknown,
    };

    // The framework tells what it found by the names of its flags in the exception's text, and nowhere else. A certificate may have several faults: the one that is
    // cured first is told.
    private static TransportTrouble TlsTrouble(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                var known = Array.Find(TlsWords, w => cause.Message.Contains(w.Word, StringComparison.Ordinal));
                return known.Word is null ? TransportTrouble.Tls : known.Trouble;
            }
        }

        return TransportTrouble.Tls;
    }

    private static bool IsConnect(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
}

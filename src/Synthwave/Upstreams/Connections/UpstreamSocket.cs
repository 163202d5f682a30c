using System.Net;
using System.Net.Sockets;

namespace Synthwave.Upstreams.Connections;

/// <summary>
/// Connections to endpoints, and to the proxies before them. A model may think for minutes before the first byte of a JSON answer; whatever counts
/// connections in between (NAT, firewall, balancer) forgets one that is silent so long, and neither end would hear of it.
/// </summary>
internal static class UpstreamSocket
{
    /// <summary>Silence after which the system asks whether the peer is there, seconds: half of the shortest limit in common use, one minute.</summary>
    public const int KeepAliveTime = 30;

    /// <summary>Seconds between two questions that nobody answers.</summary>
    public const int KeepAliveInterval = 15;

    /// <summary>So many without an answer end the connection: 90 seconds after the last sign of life.</summary>
    public const int KeepAliveRetries = 4;

    /// <summary>As <see cref="SocketsHttpHandler.ConnectCallback"/>. The stream owns the socket.</summary>
    public static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(static (socket, point, token) => socket.ConnectAsync(point, token), context.DnsEndPoint, cancellationToken);

    /// <summary>The same to addresses that are known already; the first that answers counts.</summary>
    public static ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken) =>
        ConnectAsync(static (socket, to, token) => socket.ConnectAsync(to.addresses, to.port, token), (addresses, port), cancellationToken);

    private static async ValueTask<Stream> ConnectAsync<T>(Func<Socket, T, CancellationToken, ValueTask> connect, T to, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTime);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
            await connect(socket, to, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

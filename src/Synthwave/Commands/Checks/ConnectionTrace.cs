using System.Net;
using System.Net.Sockets;
using Synthwave.Upstreams.Connections;

namespace Synthwave.Commands.Checks;

/// <summary>Times the stages of the first connection of one handler: name, socket, TLS. The upstream's own handler is used, so that what is seen is what calls would see.</summary>
internal sealed class ConnectionTrace(TimeProvider time)
{
    private long? _connectedAt;
    private bool _isResolved;

    /// <summary>Of the first name that was looked up: the upstream's, or its proxy's.</summary>
    public LiveStep? Dns { get; private set; }

    /// <summary>Of the first socket.</summary>
    public LiveStep? Tcp { get; private set; }

    /// <summary>From the socket to a connection that can carry requests, a tunnel through the proxy and TLS included; null = it did not come to that.</summary>
    public TimeSpan? Secured { get; private set; }

    /// <summary>Puts itself into a handler that has made no connection yet.</summary>
    public void Attach(SocketsHttpHandler handler)
    {
        handler.ConnectCallback = ConnectAsync;
        handler.PlaintextStreamFilter = (context, _) =>
        {
            // Behind a tunnel it is asked twice; the last time is the one that counts.
            Secured = _connectedAt is { } from ? time.GetElapsedTime(from) : null;
            return new(context.PlaintextStream);
        };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var point = context.DnsEndPoint;
        var startedAt = time.GetTimestamp();
        IPAddress[] addresses;
        try
        {
            addresses = await System.Net.Dns.GetHostAddressesAsync(point.Host, cancellationToken);
        }
        catch (SocketException)
        {
            Dns ??= new LiveStep("dns", IsOk: false, Elapsed(startedAt), point.Host);
            throw;
        }

        if (!_isResolved)
        {
            _isResolved = true;
            Dns ??= new LiveStep("dns", IsOk: true, Elapsed(startedAt), IPAddress.TryParse(point.Host, out _) ? "an address" : $"{point.Host} is {string.Join(", ", addresses.Take(3))}");
        }

        startedAt = time.GetTimestamp();
        try
        {
            var stream = await UpstreamSocket.ConnectAsync(addresses, point.Port, cancellationToken);
            _connectedAt = time.GetTimestamp();
            Tcp ??= new LiveStep("tcp", IsOk: true, Elapsed(startedAt), $"port {point.Port}");
            return stream;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            Tcp ??= new LiveStep("tcp", IsOk: false, Elapsed(startedAt), $"port {point.Port}");
            throw;
        }
    }

    private double Elapsed(long from) => time.GetElapsedTime(from).TotalMilliseconds;
}

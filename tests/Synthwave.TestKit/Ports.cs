using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Synthwave.TestKit;

public static class Ports
{
    /// <summary>A loopback port that was free a moment ago. For servers that must be told their port; prefer port 0.</summary>
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>A loopback port that refuses connections until disposed: it is bound, so that nobody else gets it, but nobody listens.</summary>
public sealed class RefusedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RefusedPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>What a <c>base_url</c> says.</summary>
    public string BaseUrl => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/v1");

    public void Dispose() => _socket.Dispose();
}

using System.Net.Sockets;

namespace Synthwave.Proof.Hostile.Sockets;

/// <summary>A client's bare connection: sends exactly what it is told, and leaves as it is told. Not thread-safe.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private bool _hasLeft;

    private RawConnection() => Reader = new SocketReader(_socket);

    public SocketReader Reader { get; }

    /// <summary>Connects. <paramref name="receiveBuffer"/> bounds what the system takes before anybody reads, bytes; null = as usual.</summary>
    public static async Task<RawConnection> ConnectAsync(Uri address, CancellationToken cancellationToken, int? receiveBuffer = null)
    {
        var connection = new RawConnection();
        try
        {
            if (receiveBuffer is { } size)
            {
                connection._socket.ReceiveBufferSize = size;
            }

            await connection._socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>False = nobody takes it any more.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Closes with FIN, or with RST, which also leaves no port waiting behind.</summary>
    public void Leave(bool reset)
    {
        if (_hasLeft)
        {
            return;
        }

        _hasLeft = true;
        if (reset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close();
    }

    public void Dispose() => Leave(reset: true);
}

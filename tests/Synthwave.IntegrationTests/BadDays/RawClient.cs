using System.Net.Sockets;
using System.Text;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A client on a bare socket: says exactly what it is told, and leaves as it is told.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    private RawClient()
    {
    }

    /// <summary>All that has been read so far.</summary>
    public string Received => _received.ToString();

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(address.Host, address.Port);
        return client;
    }

    /// <summary>A POST of a chat call with a body of known length.</summary>
    public static string Post(string body, string headers = "", int? contentLength = null, string version = "1.1") =>
        $"POST /v1/chat/completions HTTP/{version}\r\nHost: gateway\r\nContent-Type: application/json\r\n{headers}Content-Length: {contentLength ?? Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads until <paramref name="marker"/> has arrived; false = the connection ended before it.</summary>
    public async Task<bool> ReadUntilAsync(string marker)
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        while (!Received.Contains(marker, StringComparison.Ordinal))
        {
            if (!await ReadAsync(patience.Token))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads what comes next; false = nothing will.</summary>
    public async Task<bool> ReadMoreAsync()
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        return await ReadAsync(patience.Token);
    }

    /// <summary>Reads until the other side closes; a reset is an end too.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        while (await ReadAsync(patience.Token))
        {
        }

        return Received;
    }

    /// <summary>Sends FIN; answers can still be read.</summary>
    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes the connection, or resets it.</summary>
    public void Leave(bool reset = false)
    {
        if (reset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = await _socket.ReceiveAsync(_buffer, cancellationToken);
            _received.Append(Encoding.UTF8.GetString(_buffer, 0, read));
            return read > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>A server on a bare socket that sends exactly the bytes it is told, for what no HTTP server can be made to send.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawCall, Task> _script;
    private readonly Task _loop;
    private readonly bool _reads;
    private int _connections;

    /// <param name="script">Run for every request.</param>
    /// <param name="reads">Whether a request is read first; false = the script is run once for every connection.</param>
    public RawUpstream(Func<RawCall, Task> script, bool reads = true)
    {
        _script = script;
        _reads = reads;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public string BaseUrl => Origin + "/v1";

    /// <summary>Without a path: as a proxy.</summary>
    public string Origin => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static RawUpstream Sending(string bytes) => new(call => call.SendAsync(bytes));

    public async ValueTask DisposeAsync()
    {
        // Stopped only once nobody accepts: a listener that is stopped between two accepts throws at the second.
        await _stop.CancelAsync();
        await _loop;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var calls = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                calls.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(calls);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        try
        {
            var call = new RawCall(socket, _stop.Token);
            if (!_reads)
            {
                await _script(call);
                return;
            }

            while (await call.ReadRequestAsync())
            {
                await _script(call);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client went away or the test is over.
        }
    }
}

/// <summary>One connection of a <see cref="RawUpstream"/>.</summary>
internal sealed class RawCall(Socket socket, CancellationToken stop)
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public CancellationToken Stop => stop;

    /// <summary>Where the server listens.</summary>
    public int Port { get; } = ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Head of the last request.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Its body.</summary>
    public string Body { get; private set; } = "";

    public async Task SendAsync(string bytes) => await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), stop);

    /// <summary>Completes when the client closes or resets the connection.</summary>
    public async Task WhenClosedAsync()
    {
        try
        {
            while (await socket.ReceiveAsync(_buffer, stop) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }

    /// <summary>Sends FIN; with <paramref name="reset"/> RST.</summary>
    public void Close(bool reset = false)
    {
        if (reset)
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        socket.Close();
    }

    public async Task<bool> ReadRequestAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer, stop);
            if (read == 0)
            {
                return false;
            }

            text.Append(Encoding.Latin1.GetString(_buffer, 0, read));
            var request = text.ToString();
            var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && request.Length >= end + 4 + BodyLength(request[..end]))
            {
                Head = request[..end];
                Body = request[(end + 4)..];
                return true;
            }
        }
    }

    private static int BodyLength(string head)
    {
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Synthwave.Load.Driver.Memory;

/// <summary>
/// An upstream that takes bodies of any length and keeps nothing of them: under <c>/json/v1</c> it answers in a sentence, under <c>/events/v1</c> with a stream of a
/// given length.
/// </summary>
internal sealed class LongUpstream : IAsyncDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Done."},"finish_reason":"stop"}]}""");

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _event;
    private readonly long _events;
    private readonly Task _loop;

    /// <param name="port">Free.</param>
    /// <param name="streamBytes">Text of a stream.</param>
    /// <param name="deltaBytes">Text of one event.</param>
    public LongUpstream(int port, long streamBytes, int deltaBytes)
    {
        _event = Encoding.ASCII.GetBytes(
            $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{new string('x', deltaBytes)}\"}},\"finish_reason\":null}}]}}\n\n");
        _events = streamBytes / deltaBytes;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
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
                calls.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(calls);
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        using var socket = accepted;
        var buffer = new byte[256 * 1024];
        try
        {
            while (await ReadAsync(socket, buffer) is { } head)
            {
                if (head.StartsWith("POST /events/", StringComparison.Ordinal))
                {
                    await StreamAsync(socket);
                    return;
                }

                await SendAsync(socket, Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Answer.Length}\r\n\r\n")));
                await SendAsync(socket, Answer);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The gateway has had enough, or the measurement is over.
        }
    }

    private async Task StreamAsync(Socket socket)
    {
        await SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"u8.ToArray());
        for (var sent = 0L; sent < _events; sent++)
        {
            await SendAsync(socket, _event);
        }

        await SendAsync(socket, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray());
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, _stop.Token)..];
        }
    }

    // The head of a request whose body has been read to its end and forgotten; null = the connection is over.
    private async Task<string?> ReadAsync(Socket socket, byte[] buffer)
    {
        var count = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(count), SocketFlags.None, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            count += read;
            var end = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                continue;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, end);
            for (var left = LengthOf(head) - (count - end - 4); left > 0; left -= read)
            {
                read = await socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                if (read == 0)
                {
                    return null;
                }
            }

            return head;
        }
    }

    private static long LengthOf(string head)
    {
        var line = head.Split("\r\n").FirstOrDefault(static l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : long.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
    }
}

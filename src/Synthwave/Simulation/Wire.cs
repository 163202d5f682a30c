using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Synthwave.Simulation;

/// <summary>Where an answer is written: through the server, or by hand on its socket when the answer breaks HTTP.</summary>
internal abstract class Wire
{
    public const string Json = "application/json; charset=utf-8";
    public const string EventStream = "text/event-stream; charset=utf-8";

    /// <summary>What the next flush sends.</summary>
    public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

    /// <summary>Call once, before anything is flushed.</summary>
    public abstract void Head(int status, string contentType, long? length = null);

    /// <summary>Sends the head, if it was not sent yet, and what is in the buffer.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken);
}

/// <summary>An answer in correct HTTP.</summary>
internal sealed class HttpWire(HttpContext http) : Wire
{
    public override void Head(int status, string contentType, long? length = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = length;
        if (contentType == EventStream)
        {
            http.Response.Headers.CacheControl = "no-cache";
        }
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        // A write to a client that has gone does not fail by itself.
        await http.Response.BodyWriter.WriteAsync(Buffer.WrittenMemory, cancellationToken);
        Buffer.ResetWrittenCount();
        cancellationToken.ThrowIfCancellationRequested();
    }
}

/// <summary>
/// An answer written by hand on the connection's socket. Bytes are with the kernel when a flush returns, so a reset cannot overtake them. The
/// connection is of no use afterwards: end with <see cref="Close"/> or <see cref="Reset"/>.
/// </summary>
internal sealed class RawWire : Wire
{
    private static readonly object EndedHere = new();

    private readonly HttpContext _http;
    private readonly Socket _socket;
    private byte[] _head = [];
    private bool _chunked;

    public RawWire(HttpContext http)
    {
        _http = http;
        _socket = http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
    }

    public override void Head(int status, string contentType, long? length = null)
    {
        _chunked = length is null;
        var framing = length is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}") : "Transfer-Encoding: chunked";
        _head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\nContent-Type: {contentType}\r\n{framing}\r\n\r\n"));
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var size = _chunked && Buffer.WrittenCount > 0 ? Encoding.ASCII.GetBytes(Buffer.WrittenCount.ToString("x", CultureInfo.InvariantCulture) + "\r\n") : [];
        byte[] bytes = [.. _head, .. size, .. Buffer.WrittenSpan, .. size.Length > 0 ? "\r\n"u8 : []];
        _head = [];
        Buffer.ResetWrittenCount();
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, cancellationToken);
        }
    }

    /// <summary>Whether the connection was ended from this side, so that its end does not mean that the client went away.</summary>
    public static bool HasEnded(HttpContext http) => http.Items.ContainsKey(EndedHere);

    /// <summary>Ends the connection in order (FIN), whether or not the answer was complete.</summary>
    public void Close()
    {
        _http.Items[EndedHere] = true;
        _socket.Shutdown(SocketShutdown.Both);
        _socket.Close();
        _http.Abort();
    }

    /// <summary>Ends the connection with RST.</summary>
    public void Reset()
    {
        _http.Items[EndedHere] = true;
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
        _http.Abort();
    }
}

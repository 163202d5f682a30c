using System.Net;
using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;

namespace Synthwave.Upstreams.Protocols;

/// <summary>A chat body on its way out: its segments are written as they are, with a known length.</summary>
internal sealed class BodyContent : HttpContent
{
    /// <summary>
    /// A socket holds on to the array that it was given last, until it is given another: an idle connection would keep a large body. What is shorter than the
    /// connection's own buffer goes through that, and takes the body's place.
    /// </summary>
    private const int LastPiece = 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ChatBody _body;
    private readonly TimeProvider _time;

    public BodyContent(ChatBody body, TimeProvider time)
    {
        _body = body;
        _time = time;
        Headers.ContentType = Json;
    }

    /// <summary>The timestamp at which the last byte was handed to the connection; null = not all of them were.</summary>
    public long? SentAt { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var segments = _body.Segments;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (i == segments.Count - 1 && segment.Length > 64 * LastPiece)
            {
                await stream.WriteAsync(segment[..^LastPiece], cancellationToken).ConfigureAwait(false);
                segment = segment[^LastPiece..];
            }

            await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }

        SentAt = _time.GetTimestamp();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

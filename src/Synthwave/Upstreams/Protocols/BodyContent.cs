using System.Net;
using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Memory;

namespace Synthwave.Upstreams.Protocols;

/// <summary>A chat body on its way out: its segments are written as they are, with a known length.</summary>
internal sealed class BodyContent : HttpContent
{
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
        foreach (var segment in _body.Segments)
        {
            var first = segment.Length - LastPiece.Of(segment.Length);
            await stream.WriteAsync(segment[..first], cancellationToken).ConfigureAwait(false);
            if (first < segment.Length)
            {
                await stream.WriteAsync(segment[first..], cancellationToken).ConfigureAwait(false);
            }
        }

        SentAt = _time.GetTimestamp();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

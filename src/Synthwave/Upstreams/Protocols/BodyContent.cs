using System.Net;
using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;

namespace Synthwave.Upstreams.Protocols;

/// <summary>A chat body on its way out: its segments are written as they are, with a known length, as often as a retry needs.</summary>
internal sealed class BodyContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ChatBody _body;

    public BodyContent(ChatBody body)
    {
        _body = body;
        Headers.ContentType = Json;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var segment in _body.Segments)
        {
            await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

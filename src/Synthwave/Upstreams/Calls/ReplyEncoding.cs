using System.IO.Compression;
using System.Net.Http.Headers;

namespace Synthwave.Upstreams.Calls;

/// <summary>Replies that come compressed although <c>identity</c> was asked.</summary>
internal static class ReplyEncoding
{
    // Nobody compresses more often with good reason.
    private const int MostLayers = 2;

    /// <summary>The reply's body as it was before it was compressed; null = by a way not known here. The response owns what it is read from.</summary>
    public static async ValueTask<Stream?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (!IsEncoded(content.Headers))
        {
            return body;
        }

        var encodings = content.Headers.ContentEncoding.Where(static e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (encodings.Length > MostLayers)
        {
            return null;
        }

        // Applied in the order they are named, so taken off from the end.
        foreach (var encoding in encodings.Reverse())
        {
            Stream? decoded = encoding.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
                "deflate" => new ZLibStream(body, CompressionMode.Decompress),
                "br" => new BrotliReplyStream(body),
                _ => null,
            };
            if (decoded is null)
            {
                return null;
            }

            body = decoded;
        }

        return body;
    }

    /// <summary>Whether there is anything to take off.</summary>
    public static bool IsEncoded(HttpContentHeaders headers) => headers.NonValidated.Contains("Content-Encoding");
}

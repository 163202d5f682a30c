using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Synthwave.Api.Admission;

/// <summary>Takes off what <c>Content-Encoding</c> says was put on a request body. What comes out is bounded, and so is how often something was put on.</summary>
internal static class ContentDecoding
{
    /// <summary>What is understood, as told to clients.</summary>
    public const string Known = "gzip, deflate, br, zstd";

    private const int MostEncodings = 3;

    // 8 MiB, what every decoder is asked to support: a frame may ask for any amount of memory.
    private const int MostZstdWindowLog = 23;

    /// <summary>
    /// The body decoded, or the error to answer with: 415 for an encoding that is not known or too many of them, 400 for data that is not what it is said to be, 413
    /// where more than <paramref name="maxBytes"/> come out, 503 where the server has no memory left.
    /// </summary>
    /// <param name="body">As it was received.</param>
    /// <param name="header">The values of the header, in the order in which the encodings were applied.</param>
    /// <param name="maxBytes">The limit of a body.</param>
    /// <param name="memory">Out of which the body was taken.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, GatewayError? Error)> DecodeAsync(
        ReadOnlyMemory<byte> body, StringValues header, long maxBytes, MemoryShare memory, CancellationToken cancellationToken)
    {
        if (StringValues.IsNullOrEmpty(header) || body.IsEmpty)
        {
            return (body, null);
        }

        var encodings = header.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (encodings.Length > MostEncodings)
        {
            return (default, Unsupported($"A request body may be encoded at most {MostEncodings} times."));
        }

        // Undone from the last to the first.
        foreach (var encoding in encodings.Reverse())
        {
            if (Kind(encoding) is not { } kind)
            {
                return (default, Unsupported($"The content encoding is not supported. Send the body as it is, or with one of: {Known}."));
            }

            if (kind is Encoding.Identity)
            {
                continue;
            }

            switch (await TryDecodeAsync(body, kind, maxBytes, memory, cancellationToken))
            {
                case null:
                    return (default, GatewayError.BadRequest(null, $"The request body is not valid {Name(kind)}, or incomplete."));
                case { Outcome: BodyOutcome.TooLarge }:
                    return (default, RequestBody.TooLargeError(maxBytes));
                case { Outcome: BodyOutcome.NoMemory }:
                    return (default, MemoryBudget.Full);
                case { Bytes: var decoded }:
                    memory.Give(body.Length);
                    body = decoded;
                    break;
            }
        }

        return (body, null);
    }

    private enum Encoding { Identity, Gzip, Deflate, Brotli, Zstd }

    private static Encoding? Kind(string name) => name.ToLowerInvariant() switch
    {
        "identity" => Encoding.Identity,
        "gzip" or "x-gzip" => Encoding.Gzip,
        "deflate" => Encoding.Deflate,
        "br" => Encoding.Brotli,
        "zstd" => Encoding.Zstd,
        _ => null,
    };

    private static string Name(Encoding encoding) => encoding switch { Encoding.Gzip => "gzip", Encoding.Deflate => "deflate", Encoding.Brotli => "br", _ => "zstd" };

    // Null = the data is broken.
    private static async ValueTask<BodyReading?> TryDecodeAsync(ReadOnlyMemory<byte> body, Encoding encoding, long maxBytes, MemoryShare memory, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = Open(body, encoding);
            return await WholeBody.ReadAsync(stream, null, maxBytes, memory, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException or ZstdException)
        {
            // What the decoders say of broken data.
            return null;
        }
    }

    private static Stream Open(ReadOnlyMemory<byte> body, Encoding encoding)
    {
        // The body is an array of its own: see RequestBody.
        var source = MemoryMarshal.TryGetArray(body, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(body.ToArray());
        switch (encoding)
        {
            case Encoding.Gzip:
                return new GZipStream(source, CompressionMode.Decompress);
            case Encoding.Brotli:
                return new BrotliStream(source, CompressionMode.Decompress);
            case Encoding.Zstd:
                var zstd = new DecompressionStream(source);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MostZstdWindowLog);
                return zstd;
            default:
                return IsZlib(body.Span) ? new ZLibStream(source, CompressionMode.Decompress) : new DeflateStream(source, CompressionMode.Decompress);
        }
    }

    // The name stands for data with zlib's head (RFC 9110); many send it without one.
    private static bool IsZlib(ReadOnlySpan<byte> body) => body.Length > 1 && (body[0] & 0x0F) == 8 && body[0] >> 4 <= 7 && ((body[0] << 8) | body[1]) % 31 == 0;

    private static GatewayError Unsupported(string message) => new(415, "unsupported_content_encoding", message);
}

using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;
using Synthwave.Chat;
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
    private const int Chunk = 32 * 1024;

    /// <summary>
    /// The body decoded, or the error to answer with: 415 for an encoding that is not known or too many of them, 400 for data that is not what it is said to be, 413
    /// where more than <paramref name="maxBytes"/> come out.
    /// </summary>
    /// <param name="body">As it was received.</param>
    /// <param name="header">The values of the header, in the order in which the encodings were applied.</param>
    /// <param name="maxBytes">The limit of a body.</param>
    public static (ReadOnlyMemory<byte> Body, GatewayError? Error) Decode(ReadOnlyMemory<byte> body, StringValues header, long maxBytes)
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

            if (!TryDecode(body, kind, maxBytes, out var decoded))
            {
                return (default, GatewayError.BadRequest(null, $"The request body is not valid {Name(kind)}, or incomplete."));
            }

            if (decoded is null)
            {
                return (default, RequestBody.TooLargeError(maxBytes));
            }

            body = decoded;
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

    // False = the data is broken; null = more comes out than is allowed.
    private static bool TryDecode(ReadOnlyMemory<byte> body, Encoding encoding, long maxBytes, out byte[]? decoded)
    {
        decoded = null;
        try
        {
            using var stream = Open(body, encoding);
            decoded = ReadUpTo(stream, maxBytes);
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException or ZstdException)
        {
            // What the decoders say of broken data.
            return false;
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

    private static byte[]? ReadUpTo(Stream stream, long maxBytes)
    {
        var output = new ArrayBufferWriter<byte>(Chunk);
        while (true)
        {
            var read = stream.Read(output.GetSpan(Chunk));
            if (read == 0)
            {
                return output.WrittenSpan.ToArray();
            }

            output.Advance(read);
            if (output.WrittenCount > maxBytes)
            {
                return null;
            }
        }
    }

    private static GatewayError Unsupported(string message) => new(415, "unsupported_content_encoding", message);
}

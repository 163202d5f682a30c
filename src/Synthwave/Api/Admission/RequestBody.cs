using System.Buffers;
using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>Reads a request body whole, bounded.</summary>
internal static class RequestBody
{
    private const int FirstChunk = 16 * 1024;

    // A stated length is believed up to here; beyond it memory follows what really arrives.
    private const int TrustedLength = 1024 * 1024;

    /// <summary>
    /// The body, or the error to answer with: 413 over <paramref name="maxBytes"/>, 400 for a body that ends early, 408 for one that drips.
    /// The array is the caller's own and never pooled: calls still sending it may outlive the request. Throws when the client is gone, or when
    /// <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, GatewayError? Error)> ReadAsync(HttpContext http, long maxBytes, CancellationToken cancellationToken)
    {
        if (http.Request.ContentLength > maxBytes)
        {
            return TooLarge(http, maxBytes);
        }

        try
        {
            return http.Request.ContentLength is { } length and <= TrustedLength
                ? (await ReadKnownAsync(http, (int)length, cancellationToken), null)
                : await ReadUnknownAsync(http, maxBytes, cancellationToken);
        }
        catch (BadHttpRequestException e)
        {
            http.Response.Headers.Connection = "close";
            return (default, new GatewayError(e.StatusCode is 408 ? 408 : 400, null, e.StatusCode is 408
                ? "The request body arrived too slowly."
                : "The request body is incomplete."));
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadKnownAsync(HttpContext http, int length, CancellationToken cancellationToken)
    {
        var body = GC.AllocateUninitializedArray<byte>(length);
        await http.Request.Body.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

    private static async ValueTask<(ReadOnlyMemory<byte> Body, GatewayError? Error)> ReadUnknownAsync(HttpContext http, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstChunk);
        var length = 0;
        try
        {
            while (true)
            {
                var read = await http.Request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    return (buffer.AsSpan(0, length).ToArray(), null);
                }

                length += read;
                if (length > maxBytes)
                {
                    return TooLarge(http, maxBytes);
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, length * 2L));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (ReadOnlyMemory<byte> Body, GatewayError? Error) TooLarge(HttpContext http, long maxBytes)
    {
        http.Response.Headers.Connection = "close";
        return (default, TooLargeError(maxBytes));
    }

    public static GatewayError TooLargeError(long maxBytes) =>
        new(413, "request_too_large", $"The request body is larger than the {maxBytes / (1024 * 1024)} MB this server accepts.");

    /// <summary>
    /// Whether the body is said to be JSON: <c>application/json</c> or <c>application/*+json</c>. Where nothing is said it is taken for JSON, unless a page may have sent it: what a
    /// browser sends without a type, or as text or a form, any page may send anywhere without asking first.
    /// </summary>
    public static bool IsJson(HttpRequest request)
    {
        if (request.ContentType is not { Length: > 0 } type)
        {
            return !BrowserSigns.MayBeForeign(request.Headers);
        }

        var essence = type.AsSpan();
        var end = essence.IndexOf(';');
        essence = (end < 0 ? essence : essence[..end]).Trim();
        return essence.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (essence.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && essence.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }
}

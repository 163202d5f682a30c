using Microsoft.AspNetCore.Connections;
using Synthwave.Chat;
using Synthwave.Chat.Memory;

namespace Synthwave.Api.Admission;

/// <summary>Reads a request body whole, bounded.</summary>
internal static class RequestBody
{
    /// <summary>
    /// The body, or the error to answer with: 413 over <paramref name="maxBytes"/>, 400 for a body that ends early or in chunks that are none, 408 for one that
    /// drips, 503 where the server has no memory left. The array is the caller's own and never pooled: calls still sending it may outlive the request. Throws when
    /// the client is gone, or when <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, GatewayError? Error)> ReadAsync(HttpContext http, long maxBytes, MemoryShare memory, CancellationToken cancellationToken)
    {
        var length = http.Request.ContentLength;

        // What one client may never hold is too large too. A body of unknown length is held twice at its end.
        maxBytes = Math.Min(maxBytes, length is null ? memory.Most / 2 : memory.Most / 9 * 8);
        try
        {
            var reading = await WholeBody.ReadAsync(http.Request.Body, length, maxBytes, memory, cancellationToken);
            if (reading.Outcome is BodyOutcome.Whole)
            {
                return (reading.Bytes, null);
            }

            http.Response.Headers.Connection = "close";
            return (default, reading.Outcome is BodyOutcome.TooLarge ? TooLargeError(maxBytes) : MemoryBudget.Full);
        }
        catch (Exception e) when (e is (IOException and not ConnectionResetException) or InvalidOperationException)
        {
            // A body that ends early, a chunk that is none, a trailer with a character that cannot be in one: the server has a type of its own for each.
            http.Response.Headers.Connection = "close";
            return (default, e is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }
                ? new GatewayError(408, null, "The request body arrived too slowly.")
                : GatewayError.BadRequest(null, "The request body is incomplete."));
        }
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

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
    /// the client is gone.
    /// </summary>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, GatewayError? Error)> ReadAsync(HttpContext http, long maxBytes, MemoryShare memory)
    {
        var length = http.Request.ContentLength;

        // What one client may never hold is too large too. A body of unknown length is held twice at its end.
        maxBytes = Math.Min(maxBytes, length is null ? memory.Most / 2 : memory.Most / 9 * 8);
        try
        {
            var reading = await WholeBody.ReadAsync(http.Request.Body, length, maxBytes, memory, http.RequestAborted);
            if (reading.Outcome is BodyOutcome.Whole)
            {
                return (reading.Bytes, null);
            }

            http.Response.Headers.Connection = "close";
            return (default, reading.Outcome is BodyOutcome.TooLarge ? TooLargeError(maxBytes) : MemoryBudget.Full);
        }
        catch (IOException e) when (e is not ConnectionResetException)
        {
            // A chunk that is none is told as the one, a body that ends early as the other.
            http.Response.Headers.Connection = "close";
            return (default, e is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }
                ? new GatewayError(408, null, "The request body arrived too slowly.")
                : GatewayError.BadRequest(null, "The request body is incomplete."));
        }
    }

    public static GatewayError TooLargeError(long maxBytes) =>
        new(413, "request_too_large", $"The request body is larger than the {maxBytes / (1024 * 1024)} MB this server accepts.");

    /// <summary>Whether the content type may carry a chat request: absent, <c>application/json</c> or <c>application/*+json</c>.</summary>
    public static bool IsJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return true;
        }

        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }
}

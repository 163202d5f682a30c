using Microsoft.AspNetCore.Connections;

namespace Synthwave.Api.Answers;

/// <summary>Waits for clients to take what is sent to them, and gives up those that take nothing for <see cref="SseResponse.LongestStall"/>. Stateless.</summary>
internal static class ReaderWait
{
    // So much at a time, since progress shows only between two writes.
    private const int PieceSize = 64 * 1024;

    /// <summary>Sends bytes of an answer. Throws when the client is gone or given up.</summary>
    public static Task SendAsync(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > PieceSize)
        {
            return SendPiecesAsync(http, bytes);
        }

        var write = http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
        return write.IsCompletedSuccessfully ? Task.CompletedTask : ForAsync(http, write.AsTask(), http.RequestServices.GetRequiredService<TimeProvider>());
    }

    /// <summary>Awaits something that ends when the client takes what was sent. A model, or a place among the requests in work, must not be kept for ever by one that is there but takes nothing.</summary>
    public static async Task ForAsync(HttpContext http, Task sent, TimeProvider time)
    {
        try
        {
            await sent.WaitAsync(SseResponse.LongestStall, time);
        }
        catch (TimeoutException)
        {
            http.Abort();
            throw new ConnectionAbortedException("The client stopped reading.");
        }
    }

    private static async Task SendPiecesAsync(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        for (var left = bytes; !left.IsEmpty; left = left[Math.Min(PieceSize, left.Length)..])
        {
            await SendAsync(http, left[..Math.Min(PieceSize, left.Length)]);
        }
    }
}

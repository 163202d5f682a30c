using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary><c>POST /tokenize</c>: <c>content</c> (or <c>prompt</c>) to stable token numbers.</summary>
internal static class TokenizeEndpoint
{
    public static async Task AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        if (ReadText(body.Span) is not { } text)
        {
            await ErrorReply.WriteAsync(http, StatusCodes.Status400BadRequest, "the body must be a JSON object with a string 'content'", code: null);
            return;
        }

        var reply = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.To(reply))
        {
            json.WriteStartObject();
            json.WriteStartArray("tokens"u8);
            foreach (var token in TokenSplitter.Split(text))
            {
                json.WriteNumberValue(Number(token));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var wire = new HttpWire(http);
        wire.Head(StatusCodes.Status200OK, Wire.Json, reply.WrittenCount);
        wire.Buffer.Write(reply.WrittenSpan);
        await wire.FlushAsync(http.RequestAborted);
    }

    private static string? ReadText(ReadOnlySpan<byte> body)
    {
        try
        {
            var root = JsonReading.Element(body);
            return root.ValueKind is JsonValueKind.Object
                && (root.TryGet("content"u8, out var text) || root.TryGet("prompt"u8, out text))
                && text.ValueKind is JsonValueKind.String
                ? text.Text()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>FNV-1a folded to the size of a vocabulary: the same token has the same number in every process.</summary>
    private static int Number(string token)
    {
        var hash = 2166136261u;
        foreach (var c in token)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % 100_000);
    }
}

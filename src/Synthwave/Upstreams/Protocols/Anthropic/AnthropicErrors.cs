using System.Buffers;
using System.Text.Json;
using Synthwave.Json;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// Anthropic's errors, <c>{"type":"error","error":{"type","message"}}</c>, as faults. Where a body may be relayed, it is in OpenAI's shape by then.
/// 529 (overloaded) becomes 503, which every client knows.
/// </summary>
internal static class AnthropicErrors
{
    private const int Overloaded = 529;

    public static UpstreamFault Read(int status, ReadOnlyMemory<byte> body) =>
        OpenAiErrors.Read(status == Overloaded ? StatusCodes.Status503ServiceUnavailable : status, Reshape(body, out _));

    /// <summary>An error inside a stream, or in a reply whose status was 200: its type says what the status would have.</summary>
    public static UpstreamFault ReadEvent(ReadOnlyMemory<byte> data)
    {
        var document = Reshape(data, out var type);

        // A gateway before the provider says it in words, and a number, of its own.
        return ErrorNames.StatusOf(type) is { } status ? OpenAiErrors.Read(status, document) : OpenAiErrors.ReadEvent(data);
    }

    private static ReadOnlyMemory<byte> Reshape(ReadOnlyMemory<byte> body, out string type)
    {
        type = "";
        using var document = JsonReading.TryDocument(body);
        if (document is null || !document.RootElement.TryGet("error"u8, out var error) || !error.Has("message"u8, JsonValueKind.String, out var message))
        {
            return body;
        }

        type = error.FindText("type") ?? "";
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteRaw("message"u8, message);
        json.WriteText("type"u8, type);
        json.WriteNull("param"u8);
        json.WriteNull("code"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}

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
        return type switch
        {
            "overloaded_error" or "api_error" or "timeout_error" => OpenAiErrors.Read(StatusCodes.Status503ServiceUnavailable, document),
            "rate_limit_error" => OpenAiErrors.Read(StatusCodes.Status429TooManyRequests, document),
            "invalid_request_error" => OpenAiErrors.Read(StatusCodes.Status400BadRequest, document),
            "authentication_error" or "permission_error" => OpenAiErrors.Read(StatusCodes.Status401Unauthorized, document),
            _ => OpenAiErrors.ReadEvent(document),
        };
    }

    private static ReadOnlyMemory<byte> Reshape(ReadOnlyMemory<byte> body, out string type)
    {
        type = "";
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGet("error"u8, out var error)
                || error.ValueKind is not JsonValueKind.Object || !error.TryGet("message"u8, out var message) || message.ValueKind is not JsonValueKind.String)
            {
                return body;
            }

            type = error.TryGet("type"u8, out var given) && given.ValueKind is JsonValueKind.String ? given.GetString()! : "";
            var output = new ArrayBufferWriter<byte>(body.Length + 64);
            using var json = new Utf8JsonWriter(output);
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, message.GetString());
            json.WriteString("type"u8, type);
            json.WriteNull("param"u8);
            json.WriteNull("code"u8);
            json.WriteEndObject();
            json.WriteEndObject();
            json.Flush();
            return output.WrittenMemory;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no valid Unicode: the status alone decides.
            return body;
        }
    }
}

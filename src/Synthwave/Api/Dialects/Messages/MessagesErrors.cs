using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Anthropic's error shape, <c>{"type":"error","error":{"type","message"},"request_id"}</c>, with our <c>code</c> and <c>param</c> beside its own members,
/// <c>details</c> among them.
/// </summary>
/// <remarks>Types by status: https://docs.anthropic.com/en/api/errors.</remarks>
internal sealed class MessagesErrors : IErrorShape
{
    private MessagesErrors()
    {
    }

    public static MessagesErrors Shape { get; } = new();

    public ReadOnlyMemory<byte> Document(GatewayError error, string? requestId)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, TypeOf(error.Status));
        json.WriteString("message"u8, error.Message);
        if (error.Code is { } code)
        {
            json.WriteString("code"u8, code);
        }

        if (error.Param is { } param)
        {
            json.WriteString("param"u8, param);
        }

        if (error.Details is { } details)
        {
            json.WriteRaw("details"u8, Encoding.UTF8.GetBytes(details));
        }

        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>With the upstream's message in place of ours, where its document has one.</summary>
    public ReadOnlyMemory<byte> Document(GatewayError error, ReadOnlyMemory<byte> relayed, string? requestId) => Document(WithMessageOf(error, relayed), requestId);

    private static GatewayError WithMessageOf(GatewayError error, ReadOnlyMemory<byte> document)
    {
        using var parsed = JsonReading.Document(document);
        return parsed.RootElement.ValueKind is JsonValueKind.Object && parsed.RootElement.Has("error"u8, JsonValueKind.Object, out var inner)
            && inner.Has("message"u8, out var message) && message.TryGetText(out var text) && text.Length > 0
                ? error with { Message = text }
                : error;
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 or 529 => "overloaded_error",
        504 => "timeout_error",
        501 or < 500 => "invalid_request_error",
        _ => "api_error",
    };
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Items → messages. A model's text and the calls after it become one assistant message, as chat templates and hosted APIs want it; reasoning items are
/// left out, since no chat message could carry them.
/// </summary>
/// <param name="json">Stands within the array of messages.</param>
internal sealed class ResponsesInput(Utf8JsonWriter json)
{
    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly ArrayBufferWriter<byte> _calls = new();
    private bool _isAssistantOpen;

    /// <summary>Takes the next item. Null = fine, otherwise what is wrong, with a param that begins with <paramref name="path"/>.</summary>
    public GatewayError? Add(JsonElement item, string path)
    {
        if (item.ValueKind is JsonValueKind.String)
        {
            End();
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            json.WriteRaw("content"u8, item);
            json.WriteEndObject();
            return null;
        }

        if (item.ValueKind is not JsonValueKind.Object)
        {
            return Bad("invalid_input_item", "An item must be an object or a string.", path);
        }

        var kind = "message";
        if (item.TryGet("type"u8, out var type) && !type.TryGetText(out kind))
        {
            return Unsupported("unsupported_input_item", "The type of an item must be a string.", path + ".type");
        }

        return kind switch
        {
            "message" => AddMessage(item, path),
            "function_call" => AddCall(item, path),
            "function_call_output" => AddCallOutput(item, path),
            "reasoning" => null,
            _ => Unsupported("unsupported_input_item", "This kind of item is not supported here.", path + ".type"),
        };
    }

    /// <summary>Writes what is still held back. Always null.</summary>
    public GatewayError? End()
    {
        if (!_isAssistantOpen)
        {
            return null;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WritePropertyName("content"u8);
        json.WriteRawValue(_content.WrittenCount > 0 ? _content.WrittenSpan : "null"u8, skipInputValidation: true);
        if (_calls.WrittenCount > 0)
        {
            json.WritePropertyName("tool_calls"u8);
            json.WriteRawValue((byte[])[(byte)'[', .. _calls.WrittenSpan, (byte)']'], skipInputValidation: true);
        }

        json.WriteEndObject();
        _content.ResetWrittenCount();
        _calls.ResetWrittenCount();
        _isAssistantOpen = false;
        return null;
    }

    private GatewayError? AddMessage(JsonElement item, string path)
    {
        var role = "user";
        if (item.Has("role"u8, out var given) && (!given.TryGetText(out role) || role is not ("system" or "user" or "assistant" or "developer")))
        {
            return Bad("invalid_role", "role must be system, developer, user or assistant.", path + ".role");
        }

        End();
        using (var content = JsonWriting.To(_content))
        {
            if (ResponsesContent.Write(item, content, path) is { } problem)
            {
                return problem;
            }
        }

        if (role is "assistant")
        {
            _isAssistantOpen = true;
            return null;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WritePropertyName("content"u8);
        json.WriteRawValue(_content.WrittenSpan, skipInputValidation: true);
        json.WriteEndObject();
        _content.ResetWrittenCount();
        return null;
    }

    private GatewayError? AddCall(JsonElement item, string path)
    {
        if (!TryGetId(item, out var id) || !item.Has("name"u8, out var name) || name.ValueKind is not JsonValueKind.String)
        {
            return Bad("invalid_function_call", "A function_call needs a call_id and a name.", path);
        }

        _isAssistantOpen = true;
        if (_calls.WrittenCount > 0)
        {
            _calls.Write(","u8);
        }

        using var call = JsonWriting.To(_calls);
        call.WriteStartObject();
        call.WriteRaw("id"u8, id);
        call.WriteString("type"u8, "function"u8);
        call.WriteStartObject("function"u8);
        call.WriteRaw("name"u8, name);
        call.WritePropertyName("arguments"u8);
        if (!item.Has("arguments"u8, out var arguments))
        {
            call.WriteStringValue(""u8);
        }
        else if (arguments.ValueKind is JsonValueKind.String)
        {
            call.WriteRawValue(arguments.Raw(), skipInputValidation: true);
        }
        else
        {
            call.WriteStringValue(arguments.Raw());
        }

        call.WriteEndObject();
        call.WriteEndObject();
        return null;
    }

    private GatewayError? AddCallOutput(JsonElement item, string path)
    {
        if (!TryGetId(item, out var id))
        {
            return Bad("missing_call_id", "A function_call_output needs the call_id of its call.", path + ".call_id");
        }

        End();
        if (!item.Has("output"u8, out var output) || output.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return Bad("invalid_function_call_output", "output must be a string or an array of text parts.", path + ".output");
        }

        string? joined = null;
        if (output.ValueKind is JsonValueKind.Array && ResponsesContent.Join(output, path + ".output", out joined) is { } problem)
        {
            return problem;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteRaw("tool_call_id"u8, id);
        if (joined is null)
        {
            json.WriteRaw("content"u8, output);
        }
        else
        {
            json.WriteString("content"u8, joined);
        }

        json.WriteEndObject();
        return null;
    }

    private static bool TryGetId(JsonElement item, out JsonElement id) =>
        (item.Has("call_id"u8, out id) || item.Has("id"u8, out id)) && id.ValueKind is JsonValueKind.String && id.Raw().Length > 2;

    private static GatewayError Bad(string code, string message, string param) => GatewayError.BadRequest(code, message, param);

    private static GatewayError Unsupported(string code, string message, string param) =>
        new(501, code, message) { Type = "invalid_request_error", Param = param };
}

using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>The content of one message item → the content of a chat message.</summary>
internal static class ResponsesContent
{
    /// <summary>Writes one value: a string where the content is nothing but one text, else the parts. Null = fine.</summary>
    public static GatewayError? Write(JsonElement item, Utf8JsonWriter json, string path)
    {
        path += ".content";
        if (!item.Has("content"u8, out var content))
        {
            json.WriteStringValue(""u8);
            return null;
        }

        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                json.WriteRawValue(content.Raw(), skipInputValidation: true);
                return null;
            case JsonValueKind.Array:
                return WriteParts(content, json, path);
            default:
                return GatewayError.BadRequest("invalid_input_content", "content must be a string or an array of parts.", path);
        }
    }

    /// <summary>The texts of a tool's output, one behind the other.</summary>
    public static GatewayError? Join(JsonElement parts, string path, out string? joined)
    {
        joined = null;
        var text = new StringBuilder();
        var position = 0;
        foreach (var part in parts.EnumerateArray())
        {
            var place = $"{path}[{position++}]";
            if (part.ValueKind is not JsonValueKind.Object)
            {
                return GatewayError.BadRequest("invalid_function_call_output", "A part must be an object.", place);
            }

            if (KindOf(part) is not ("input_text" or "output_text"))
            {
                return Unsupported("unsupported_function_call_output_part", "Only text can be the output of a function here.", place + ".type");
            }

            if (part.Has("text"u8, out var value))
            {
                if (!value.TryGetText(out var piece))
                {
                    return GatewayError.BadRequest("invalid_function_call_output", "text must be a string.", place + ".text");
                }

                text.Append(piece);
            }
        }

        joined = text.ToString();
        return null;
    }

    private static GatewayError? WriteParts(JsonElement parts, Utf8JsonWriter json, string path)
    {
        var count = parts.GetArrayLength();
        var isOneText = count == 1 && parts[0].ValueKind is JsonValueKind.Object && TextOf(parts[0]) is not null;
        if (count == 0)
        {
            json.WriteStringValue(""u8);
            return null;
        }

        if (!isOneText)
        {
            json.WriteStartArray();
        }

        var position = 0;
        foreach (var part in parts.EnumerateArray())
        {
            if (WritePart(part, json, isOneText, $"{path}[{position++}]") is { } problem)
            {
                return problem;
            }
        }

        if (!isOneText)
        {
            json.WriteEndArray();
        }

        return null;
    }

    private static GatewayError? WritePart(JsonElement part, Utf8JsonWriter json, bool isWhole, string path)
    {
        if (part.ValueKind is not JsonValueKind.Object)
        {
            return GatewayError.BadRequest("invalid_input_part", "A part must be an object.", path);
        }

        if (TextOf(part) is { } member)
        {
            return WriteText(part, member, json, isWhole, path);
        }

        switch (KindOf(part))
        {
            case "input_image":
                return WriteImage(part, json, path);
            case "input_audio" when part.Has("input_audio"u8, out var audio):
                json.WriteStartObject();
                json.WriteString("type"u8, "input_audio"u8);
                json.WriteRaw("input_audio"u8, audio);
                json.WriteEndObject();
                return null;
            default:
                return Unsupported("unsupported_input_part_type", "This kind of part is not supported here.", path + ".type");
        }
    }

    private static GatewayError? WriteText(JsonElement part, string member, Utf8JsonWriter json, bool isWhole, string path)
    {
        var has = part.Has(Encoding.UTF8.GetBytes(member), out var text);
        if (has && text.ValueKind is not JsonValueKind.String)
        {
            return GatewayError.BadRequest("invalid_input_part", $"{member} must be a string.", $"{path}.{member}");
        }

        if (!isWhole)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WritePropertyName("text"u8);
        }

        json.WriteRawValue(has ? text.Raw() : "\"\""u8, skipInputValidation: true);
        if (!isWhole)
        {
            json.WriteEndObject();
        }

        return null;
    }

    private static GatewayError? WriteImage(JsonElement part, Utf8JsonWriter json, string path)
    {
        var isObject = part.Has("image_url"u8, JsonValueKind.Object, out var image);
        if (!isObject && image.ValueKind is not JsonValueKind.String)
        {
            return Unsupported("unsupported_image_shape", "An image must be given by its image_url.", path);
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "image_url"u8);
        json.WriteStartObject("image_url"u8);
        json.WritePropertyName("url"u8);
        json.WriteRawValue(!isObject ? image.Raw() : image.Has("url"u8, out var url) ? url.Raw() : "\"\""u8, skipInputValidation: true);
        if ((isObject && image.Has("detail"u8, out var detail)) || (part.Has("detail"u8, out detail) && detail.ValueKind is JsonValueKind.String && detail.Raw().Length > 2))
        {
            json.WriteRaw("detail"u8, detail);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        return null;
    }

    /// <summary>The member that holds a part's text; null = it is no text.</summary>
    private static string? TextOf(JsonElement part) => KindOf(part) switch
    {
        "input_text" or "output_text" => "text",
        "refusal" => "refusal",
        _ => null,
    };

    private static string KindOf(JsonElement part) => part.Has("type"u8, out var type) && type.TryGetText(out var kind) ? kind : "";

    private static GatewayError Unsupported(string code, string message, string param) =>
        new(501, code, message) { Type = "invalid_request_error", Param = param };
}

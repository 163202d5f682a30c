using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>Anthropic's messages → chat messages. Tool results become messages of their own, ahead of what else their turn says.</summary>
internal static class MessagesContent
{
    /// <summary>Writes one or more chat messages. Null = fine.</summary>
    public static GatewayError? WriteMessage(JsonElement message, Utf8JsonWriter json, string path)
    {
        if (message.ValueKind is not JsonValueKind.Object)
        {
            return Bad("A message must be an object.", path);
        }

        var role = message.Has("role"u8, out var given) && given.TryGetText(out var word) ? word : "";
        if (role is not ("user" or "assistant" or "system"))
        {
            return Bad("role must be user or assistant.", path + ".role");
        }

        if (!message.Has("content"u8, out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return Bad("content must be a string or an array of blocks.", path + ".content");
        }

        path += ".content";
        if (content.ValueKind is JsonValueKind.String)
        {
            json.WriteStartObject();
            json.WriteString("role"u8, role);
            json.WriteRaw("content"u8, content);
            json.WriteEndObject();
            return null;
        }

        var position = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (Check(block, role, $"{path}[{position++}]") is { } problem)
            {
                return problem;
            }
        }

        return role is "assistant" ? WriteAssistant(content, json) : WriteUser(content, role, json, path);
    }

    /// <summary>Writes a value made of nothing but text: a string, or parts where a block says more than its text.</summary>
    public static GatewayError? WriteTextOnly(JsonElement content, Utf8JsonWriter json, string path)
    {
        if (content.ValueKind is JsonValueKind.Array)
        {
            var position = 0;
            foreach (var block in content.EnumerateArray())
            {
                if (block.ValueKind is not JsonValueKind.Object || KindOf(block) is not "text" || !block.Has("text"u8, out var text) || text.ValueKind is not JsonValueKind.String)
                {
                    return Bad("A block must be of type text and have a text.", $"{path}[{position}]");
                }

                position++;
            }

            // Not every server takes a system message in parts, and only one that caches by part gains from them.
            if (position > 1 && !content.EnumerateArray().Any(static b => b.Has("cache_control"u8, out _)))
            {
                json.WriteRawValue(Joined(content), skipInputValidation: true);
                return null;
            }
        }

        WriteContent(content, json);
        return null;
    }

    /// <summary>The blocks' texts as one JSON string, a blank line between them.</summary>
    private static ReadOnlySpan<byte> Joined(JsonElement blocks)
    {
        var text = new ArrayBufferWriter<byte>(blocks.Raw().Length);
        foreach (var block in blocks.EnumerateArray())
        {
            text.Write(text.WrittenCount == 0 ? "\""u8 : "\\n\\n"u8);
            text.Write(block.Get("text"u8).RawText());
        }

        text.Write("\""u8);
        return text.WrittenSpan;
    }

    private static GatewayError? Check(JsonElement block, string role, string path)
    {
        if (block.ValueKind is not JsonValueKind.Object)
        {
            return Bad("A block must be an object.", path);
        }

        switch (KindOf(block))
        {
            case "text":
                return block.Has("text"u8, JsonValueKind.String, out var text) ? null : Bad("text must be a string.", path + ".text");
            case "image":
                return CheckSource(block, path, "base64", "url");
            case "document":
                return CheckSource(block, path, "text");
            case "tool_use" when role is "assistant":
                return HasText(block, "id"u8) && HasText(block, "name"u8) && block.Has("input"u8, out _) ? null : Bad("A tool_use needs id, name and input.", path);
            case "thinking" or "redacted_thinking" when role is "assistant":
                return null;
            case "tool_result" when role is "user":
                if (!HasText(block, "tool_use_id"u8))
                {
                    return Bad("A tool_result needs the tool_use_id of its call.", path + ".tool_use_id");
                }

                if (!block.Has("content"u8, out var content) || content.ValueKind is JsonValueKind.String)
                {
                    return null;
                }

                return content.ValueKind is JsonValueKind.Array ? CheckResult(content, path + ".content") : Bad("content must be a string or an array of blocks.", path + ".content");
            default:
                return new GatewayError(400, "unsupported_content_part", "This kind of block is not supported here.") { Param = path + ".type" };
        }
    }

    private static GatewayError? CheckResult(JsonElement blocks, string path)
    {
        var position = 0;
        foreach (var block in blocks.EnumerateArray())
        {
            var place = $"{path}[{position++}]";
            if (block.ValueKind is JsonValueKind.Object && KindOf(block) is not ("text" or "image" or "document"))
            {
                return new GatewayError(400, "unsupported_content_part", "A tool's result can be text, images or text documents here.") { Param = place + ".type" };
            }

            if (Check(block, "user", place) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static GatewayError? CheckSource(JsonElement block, string path, params ReadOnlySpan<string> kinds)
    {
        if (!block.Has("source"u8, out var source) || source.ValueKind is not JsonValueKind.Object)
        {
            return Bad("source must be an object.", path + ".source");
        }

        var kind = KindOf(source);
        if (!kinds.Contains(kind))
        {
            return new GatewayError(400, "unsupported_content_part", $"A source of this type is not supported here; use {string.Join(" or ", kinds.ToArray())}.") { Param = path + ".source.type" };
        }

        return kind switch
        {
            "url" => HasText(source, "url"u8),
            "base64" => HasText(source, "data"u8) && HasText(source, "media_type"u8),
            _ => HasText(source, "data"u8),
        }
            ? null
            : Bad("The source is incomplete.", path + ".source");
    }

    private static GatewayError? WriteUser(JsonElement blocks, string role, Utf8JsonWriter json, string path)
    {
        var others = 0;
        foreach (var block in blocks.EnumerateArray())
        {
            if (KindOf(block) is not "tool_result")
            {
                others++;
                continue;
            }

            json.WriteStartObject();
            json.WriteString("role"u8, "tool"u8);
            json.WriteRaw("tool_call_id"u8, block.Get("tool_use_id"u8));
            json.WritePropertyName("content"u8);
            if (block.Has("content"u8, out var content))
            {
                WriteContent(content, json);
            }
            else
            {
                json.WriteStringValue(""u8);
            }

            if (block.Has("is_error"u8, out var isError))
            {
                json.WriteRaw("is_error"u8, isError);
            }

            if (block.Has("cache_control"u8, out var cache))
            {
                json.WriteRaw("cache_control"u8, cache);
            }

            json.WriteEndObject();
        }

        if (others == 0 && blocks.GetArrayLength() > 0)
        {
            return null;
        }

        if (others == 0)
        {
            return Bad("A message needs content.", path);
        }

        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WritePropertyName("content"u8);
        WriteContent(blocks, json);
        json.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteAssistant(JsonElement blocks, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WritePropertyName("content"u8);
        if (blocks.EnumerateArray().Any(static b => KindOf(b) is "text" or "image" or "document"))
        {
            WriteContent(blocks, json);
        }
        else
        {
            json.WriteNullValue();
        }

        WriteThinking(blocks, json);
        if (blocks.EnumerateArray().Any(static b => KindOf(b) is "tool_use"))
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var block in blocks.EnumerateArray())
            {
                if (KindOf(block) is "tool_use")
                {
                    json.WriteStartObject();
                    json.WriteRaw("id"u8, block.Get("id"u8));
                    json.WriteString("type"u8, "function"u8);
                    json.WriteStartObject("function"u8);
                    json.WriteRaw("name"u8, block.Get("name"u8));
                    json.WriteString("arguments"u8, block.Get("input"u8).Raw());
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return null;
    }

    // Without a signature it is the reasoning of a model that signs none, shown by us: no provider takes it back.
    private static void WriteThinking(JsonElement blocks, Utf8JsonWriter json)
    {
        var isOpen = false;
        foreach (var block in blocks.EnumerateArray())
        {
            if (KindOf(block) is "redacted_thinking" || (KindOf(block) is "thinking" && HasText(block, "signature"u8)))
            {
                if (!isOpen)
                {
                    json.WriteStartArray("thinking_blocks"u8);
                    isOpen = true;
                }

                json.WriteRawValue(block.Raw(), skipInputValidation: true);
            }
        }

        if (isOpen)
        {
            json.WriteEndArray();
        }
    }

    // Text alone is a string, which every server understands; blocks that say more, or more than one, are parts.
    private static void WriteContent(JsonElement content, Utf8JsonWriter json)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            json.WriteRawValue(content.Raw(), skipInputValidation: true);
            return;
        }

        JsonElement only = default;
        var count = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (KindOf(block) is "text" or "image" or "document")
            {
                only = block;
                count++;
            }
        }

        if (count == 0)
        {
            json.WriteStringValue(""u8);
        }
        else if (count == 1 && KindOf(only) is "text" && !only.Has("cache_control"u8, out _))
        {
            json.WriteRawValue(only.Get("text"u8).Raw(), skipInputValidation: true);
        }
        else
        {
            json.WriteStartArray();
            foreach (var block in content.EnumerateArray())
            {
                WritePart(block, json);
            }

            json.WriteEndArray();
        }
    }

    private static void WritePart(JsonElement block, Utf8JsonWriter json)
    {
        var kind = KindOf(block);
        if (kind is not ("text" or "image" or "document"))
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, kind is "image" ? "image_url"u8 : "text"u8);
        if (kind is "image")
        {
            json.WriteStartObject("image_url"u8);
            var source = block.Get("source"u8);
            if (KindOf(source) is "url")
            {
                json.WriteRaw("url"u8, source.Get("url"u8));
            }
            else
            {
                json.WritePropertyName("url"u8);
                json.WriteRawValue(
                    (byte[])[.. "\"data:"u8, .. source.Get("media_type"u8).RawText(), .. ";base64,"u8, .. source.Get("data"u8).Raw()[1..]],
                    skipInputValidation: true);
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteRaw("text"u8, kind is "text" ? block.Get("text"u8) : block.Get("source"u8).Get("data"u8));
        }

        if (block.Has("cache_control"u8, out var cache))
        {
            json.WriteRaw("cache_control"u8, cache);
        }

        json.WriteEndObject();
    }

    private static bool HasText(JsonElement owner, ReadOnlySpan<byte> name) =>
        owner.Has(name, out var value) && value.ValueKind is JsonValueKind.String && value.Raw().Length > 2;

    private static string KindOf(JsonElement block) => block.Has("type"u8, out var type) && type.TryGetText(out var kind) ? kind : "";

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("invalid_request", message, param);
}

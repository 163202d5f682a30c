using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// For models whose template knows only one system message, at the start: the system messages a conversation begins with become one, and later ones
/// become user messages marked as system text. Works on raw JSON text, so that nothing else in the conversation changes by a byte.
/// </summary>
internal static class SystemMessages
{
    /// <summary>The new array, or null when nothing has to change. Anything that is no list of messages is left alone.</summary>
    public static ReadOnlyMemory<byte>? Demote(ReadOnlyMemory<byte> messages)
    {
        using var document = JsonReading.Document(messages);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array || !root.EnumerateArray().Skip(1).Any(IsSystem))
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(messages.Length + 64);
        output.Write("["u8);
        var leading = root.EnumerateArray().TakeWhile(IsSystem).ToList();
        if (leading.Count > 0)
        {
            WriteMerged(output, leading);
        }

        var isFirst = leading.Count == 0;
        foreach (var message in root.EnumerateArray().Skip(leading.Count))
        {
            output.Write(isFirst ? default : ","u8);
            isFirst = false;
            if (IsSystem(message))
            {
                WriteDemoted(output, message);
            }
            else
            {
                output.Write(message.Raw());
            }
        }

        output.Write("]"u8);
        return output.WrittenMemory;
    }

    private static bool IsSystem(JsonElement message) =>
        message.Is("role"u8, "system"u8);

    // All texts: one text. Otherwise a list of parts.
    private static void WriteMerged(ArrayBufferWriter<byte> output, List<JsonElement> messages)
    {
        if (messages.Count == 1)
        {
            output.Write(messages[0].Raw());
            return;
        }

        var contents = messages.Select(Content).Where(c => c.ValueKind is JsonValueKind.String or JsonValueKind.Array).ToList();
        var isText = contents.All(c => c.ValueKind == JsonValueKind.String);
        output.Write("{\"role\":\"system\",\"content\":"u8);
        output.Write(isText ? "\""u8 : "["u8);
        var isFirst = true;
        foreach (var content in contents)
        {
            foreach (var piece in content.ValueKind == JsonValueKind.Array ? content.EnumerateArray().ToArray() : [content])
            {
                output.Write(isFirst ? default : isText ? "\\n\\n"u8 : ","u8);
                isFirst = false;
                WritePiece(output, piece, isText);
            }
        }

        output.Write(isText ? "\""u8 : "]"u8);
        WriteOthers(output, messages[0]);
        output.Write("}"u8);
    }

    private static void WritePiece(ArrayBufferWriter<byte> output, JsonElement piece, bool isText)
    {
        if (piece.ValueKind != JsonValueKind.String)
        {
            output.Write(piece.Raw());
            return;
        }

        output.Write(isText ? default : "{\"type\":\"text\",\"text\":\""u8);
        output.Write(piece.RawText());
        output.Write(isText ? default : "\"}"u8);
    }

    private static void WriteDemoted(ArrayBufferWriter<byte> output, JsonElement message)
    {
        output.Write("{\"role\":\"user\",\"content\":"u8);
        var content = Content(message);
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                WritePrefixed(output, content);
                break;
            case JsonValueKind.Array:
                WriteParts(output, content);
                break;
            default:
                output.Write("\"[SYSTEM]:\""u8);
                break;
        }

        WriteOthers(output, message);
        output.Write("}"u8);
    }

    private static void WriteParts(ArrayBufferWriter<byte> output, JsonElement parts)
    {
        var isMarked = parts.EnumerateArray().Any(IsText);
        output.Write("["u8);
        if (!isMarked)
        {
            output.Write("{\"type\":\"text\",\"text\":\"[SYSTEM]:\"}"u8);
        }

        var isFirst = isMarked;
        var toMark = isMarked;
        foreach (var part in parts.EnumerateArray())
        {
            output.Write(isFirst ? default : ","u8);
            isFirst = false;
            if (toMark && IsText(part))
            {
                toMark = false;
                WriteMarkedPart(output, part);
            }
            else
            {
                output.Write(part.Raw());
            }
        }

        output.Write("]"u8);
    }

    private static void WriteMarkedPart(ArrayBufferWriter<byte> output, JsonElement part)
    {
        output.Write("{"u8);
        var isFirst = true;
        foreach (var member in part.EnumerateObject())
        {
            output.Write(isFirst ? default : ","u8);
            isFirst = false;
            output.WriteName(member);
            if (member.IsNamed("text"u8))
            {
                WritePrefixed(output, member.Value);
            }
            else
            {
                output.Write(member.Value.Raw());
            }
        }

        output.Write("}"u8);
    }

    private static void WriteOthers(ArrayBufferWriter<byte> output, JsonElement message)
    {
        foreach (var member in message.EnumerateObject())
        {
            if (!member.IsNamed("role"u8) && !member.IsNamed("content"u8))
            {
                output.Write(","u8);
                output.WriteName(member);
                output.Write(member.Value.Raw());
            }
        }
    }

    private static void WritePrefixed(ArrayBufferWriter<byte> output, JsonElement text)
    {
        output.Write("\"[SYSTEM]: "u8);
        output.Write(text.RawText());
        output.Write("\""u8);
    }

    private static bool IsText(JsonElement part) =>
        part.Is("type"u8, "text"u8)
        && part.Has("text"u8, JsonValueKind.String, out _);

    private static JsonElement Content(JsonElement message) => message.TryGet("content"u8, out var content) ? content : default;
}

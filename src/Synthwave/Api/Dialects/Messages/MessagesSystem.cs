using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// <c>system</c> → the chat's first message. A first line that only tells Anthropic whom to bill changes with every request and would void the caches of
/// whoever reads it, so that only Anthropic's models are sent it.
/// </summary>
/// <param name="scope">Whom the request goes to.</param>
internal sealed class MessagesSystem(MessagesScope scope)
{
    private static ReadOnlySpan<byte> Billing => "x-anthropic-billing-header:"u8;

    /// <summary>Writes the message, if there is one. Null = fine.</summary>
    public GatewayError? Write(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.Has("system"u8, out var system))
        {
            return null;
        }

        if (system.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return GatewayError.BadRequest("invalid_request", "system must be a string or an array of text blocks.", "system");
        }

        if (CheckBlocks(system) is { } problem)
        {
            return problem;
        }

        var first = system.ValueKind is JsonValueKind.String ? system : system.EnumerateArray().Select(static b => b.Get("text"u8)).FirstOrDefault();
        var rest = AfterBilling(first.RawText(), out var isBilled);
        var content = Content(system, rest, isBilled);
        if (content.IsEmpty && !(isBilled && scope.IsOwn))
        {
            return null;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "system"u8);
        json.WriteRaw("content"u8, content.IsEmpty ? "\"\""u8 : content);
        if (isBilled && scope.IsOwn)
        {
            json.WriteRaw("x_anthropic"u8, system);
        }

        json.WriteEndObject();
        return null;
    }

    private static GatewayError? CheckBlocks(JsonElement system)
    {
        var position = 0;
        foreach (var block in system.ValueKind is JsonValueKind.Array ? system.EnumerateArray() : default)
        {
            if (!block.Is("type"u8, "text"u8) || !block.Has("text"u8, JsonValueKind.String, out _))
            {
                return GatewayError.BadRequest("invalid_request", "A block must be of type text and have a text.", $"system[{position}]");
            }

            position++;
        }

        return null;
    }

    // Not every server takes a system message in parts, and only one that caches by part gains from them. Empty = it says nothing.
    private static ReadOnlySpan<byte> Content(JsonElement system, ReadOnlySpan<byte> first, bool isBilled)
    {
        var output = new ArrayBufferWriter<byte>(system.Raw().Length + 2);
        if (system.ValueKind is JsonValueKind.String)
        {
            output.Write("\""u8, first, "\""u8);
            return first.IsEmpty ? default : output.WrittenSpan;
        }

        var blocks = system.EnumerateArray().Skip(isBilled && first.IsEmpty ? 1 : 0).ToList();
        var isMarked = blocks.Exists(static b => b.Has("cache_control"u8, out _));
        for (var i = 0; i < blocks.Count; i++)
        {
            WriteBlock(blocks[i], i == 0 && isBilled && !first.IsEmpty ? first : blocks[i].Get("text"u8).RawText(), isMarked, output);
        }

        output.Write(blocks.Count == 0 ? default : isMarked ? "]"u8 : "\""u8);
        return output.WrittenSpan;
    }

    private static void WriteBlock(JsonElement block, ReadOnlySpan<byte> text, bool isMarked, ArrayBufferWriter<byte> output)
    {
        if (!isMarked)
        {
            output.Write(output.WrittenCount == 0 ? "\""u8 : "\\n\\n"u8);
            output.Write(text);
            return;
        }

        output.Write(output.WrittenCount == 0 ? "["u8 : ","u8);
        output.Write("{\"type\":\"text\",\"text\":\""u8, text, "\""u8);
        if (block.Has("cache_control"u8, out var cache))
        {
            output.Write(",\"cache_control\":"u8);
            output.Write(cache.Raw());
        }

        output.Write("}"u8);
    }

    /// <summary>What follows the line for billing; all of it where it does not begin so. Texts are what stands between the quotes.</summary>
    private static ReadOnlySpan<byte> AfterBilling(ReadOnlySpan<byte> text, out bool isBilled)
    {
        isBilled = text.StartsWith(Billing);
        if (!isBilled)
        {
            return text;
        }

        var end = text.IndexOf("\\n"u8);
        var rest = end < 0 ? default : text[(end + 2)..];
        while (rest.StartsWith("\\n"u8))
        {
            rest = rest[2..];
        }

        return rest;
    }
}

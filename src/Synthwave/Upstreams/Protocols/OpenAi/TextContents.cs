using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Makes contents that are a list of nothing but texts one string, with a blank line between the texts, for servers that take no lists. Everything else keeps its bytes.</summary>
internal static class TextContents
{
    /// <summary>The messages rewritten; null = none has such a content.</summary>
    public static ReadOnlyMemory<byte>? ToStrings(ReadOnlyMemory<byte> messages)
    {
        using var document = JsonReading.Document(messages);
        if (document.RootElement.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(messages.Length);
        var copied = 0;
        foreach (var message in document.RootElement.EnumerateArray())
        {
            if (message.ValueKind is JsonValueKind.Object && message.Has("content"u8, JsonValueKind.Array, out var content) && IsTexts(content))
            {
                var raw = content.Raw();
                messages.Span.Overlaps(raw, out var at);
                output.Write(messages.Span[copied..at]);
                Join(content, output);
                copied = at + raw.Length;
            }
        }

        if (copied == 0)
        {
            return null;
        }

        output.Write(messages.Span[copied..]);
        return output.WrittenMemory;
    }

    private static bool IsTexts(JsonElement content)
    {
        foreach (var part in content.EnumerateArray())
        {
            if (!part.Is("type"u8, "text"u8) || !part.Has("text"u8, JsonValueKind.String, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static void Join(JsonElement content, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        var isFirst = true;
        foreach (var part in content.EnumerateArray())
        {
            output.Write(isFirst ? default : "\\n\\n"u8);
            output.Write(part.Get("text"u8).RawText());
            isFirst = false;
        }

        output.Write("\""u8);
    }
}

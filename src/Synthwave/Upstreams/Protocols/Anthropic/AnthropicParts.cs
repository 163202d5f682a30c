using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>The content of a chat message → blocks. The API refuses texts of white space only: they say nothing and are left out.</summary>
internal static class AnthropicParts
{
    private static ReadOnlySpan<byte> TextHead => "{\"type\":\"text\",\"text\":\""u8;

    private static ReadOnlySpan<byte> TextTail => "\"}"u8;

    /// <summary>Whether the block is a text that says nothing.</summary>
    public static bool IsBlankText(JsonElement block) => block.Is("type"u8, "text"u8) && block.TryGet("text"u8, out var text) && JsonText.IsBlank(text.RawText());

    /// <summary>Whether a block of ours is a text.</summary>
    public static bool IsText(ReadOnlySpan<byte> block) => block.StartsWith(TextHead);

    /// <summary>Whether such a block says nothing but its text.</summary>
    public static bool IsPlainText(ReadOnlySpan<byte> block)
    {
        if (!IsText(block))
        {
            return false;
        }

        var at = TextHead.Length;
        while (at < block.Length && block[at] != '"')
        {
            at += block[at] == '\\' ? 2 : 1;
        }

        return block[Math.Min(at, block.Length)..].SequenceEqual(TextTail);
    }

    /// <summary>A text's block.</summary>
    /// <param name="escaped">As it stands between quotes.</param>
    public static byte[] Text(ReadOnlySpan<byte> escaped) => [.. TextHead, .. escaped, .. TextTail];

    /// <summary>The text of a block that has nothing else, escaped.</summary>
    public static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> block) => block[TextHead.Length..^TextTail.Length];

    /// <summary>The block with words before its text.</summary>
    public static byte[] WithPrefix(ReadOnlySpan<byte> block, ReadOnlySpan<byte> words) => [.. TextHead, .. words, .. block[TextHead.Length..]];

    /// <summary>Adds the blocks of a content, a string or parts, in order. False = something cannot be said in this protocol.</summary>
    public static bool TryAdd(JsonElement content, Action<byte[]> add)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            if (!JsonText.IsBlank(content.RawText()))
            {
                add(Text(content.RawText()));
            }

            return true;
        }

        foreach (var part in content.ValueKind is JsonValueKind.Array ? content.EnumerateArray() : default)
        {
            if (part.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (ToBlock(part) is not { } block)
            {
                return false;
            }

            if (block.Length > 0)
            {
                add(block);
            }
        }

        return true;
    }

    /// <summary>A part's block. Empty = it says nothing; null = it cannot be said here.</summary>
    public static byte[]? ToBlock(JsonElement part)
    {
        if (part.Has("x_anthropic"u8, JsonValueKind.Object, out var own))
        {
            return IsBlankText(own) ? [] : own.Raw().ToArray();
        }

        var text = part.Is("type"u8, "text"u8) && part.TryGet("text"u8, out var found) ? found
            : part.Is("type"u8, "refusal"u8) && part.TryGet("refusal"u8, out found) ? found
            : default;
        if (text.ValueKind is not JsonValueKind.Undefined)
        {
            return JsonText.IsBlank(text.RawText()) ? [] : Finish(TextHead, text.RawText(), part);
        }

        if (part.Is("type"u8, "file"u8))
        {
            return FileParts.ToBlock(part);
        }

        return part.Is("type"u8, "image_url"u8) && part.Has("image_url"u8, JsonValueKind.Object, out var image)
            && image.TryGet("url"u8, out var url) && url.RawText() is { IsEmpty: false } address
                ? Image(address, part)
                : null;
    }

    private static byte[]? Image(ReadOnlySpan<byte> address, JsonElement part)
    {
        if (address.Length < 5 || !Ascii.EqualsIgnoreCase(address[..5], "data:"u8))
        {
            return Finish("{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\""u8, address, part, "\"}"u8);
        }

        var comma = address.IndexOf((byte)',');
        if (comma < 0)
        {
            return null;
        }

        var head = address["data:".Length..comma];
        var type = head[..(head.IndexOf((byte)';') is >= 0 and var end ? end : head.Length)];
        var data = MediaParts.IsBase64(head) ? Base64Data.Plain(address[(comma + 1)..]) : Encode(address[(comma + 1)..]);
        // Anthropic refuses an image that is not what its label says.
        var known = MediaParts.ImageType(data);
        type = !known.IsEmpty ? known : type.IsEmpty ? "image/png"u8 : type;
        return Finish("{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\""u8, [.. type, .. "\",\"data\":\""u8, .. data], part, "\"}"u8);
    }

    // Data that is not base64 is text with percent signs.
    private static byte[] Encode(ReadOnlySpan<byte> text)
    {
        var bytes = Encoding.Latin1.GetBytes(Uri.UnescapeDataString(Encoding.Latin1.GetString(text)));
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes, encoded, out _, out var written);
        return encoded[..written];
    }

    private static byte[] Finish(ReadOnlySpan<byte> head, ReadOnlySpan<byte> text, JsonElement part, ReadOnlySpan<byte> tail = default)
    {
        var block = new ArrayBufferWriter<byte>(head.Length + text.Length + 16);
        block.Write(head, text, tail.IsEmpty ? "\""u8 : tail);
        WriteCacheControl(part, block);
        block.Write("}"u8);
        return block.WrittenSpan.ToArray();
    }

    /// <summary>Writes the mark of <paramref name="owner"/>, where it has one, behind other members.</summary>
    public static void WriteCacheControl(JsonElement owner, ArrayBufferWriter<byte> block)
    {
        if (owner.Has("cache_control"u8, out var cache))
        {
            block.Write(",\"cache_control\":"u8);
            block.Write(cache.Raw());
        }
    }
}

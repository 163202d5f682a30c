using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Chat messages → system blocks and turns. Used once.</summary>
internal sealed class AnthropicMessages
{
    private readonly List<byte[]> _system = [];

    public AnthropicTurns Turns { get; } = new();

    public bool HasSystem => _system.Count > 0;

    /// <summary>Takes all messages. False = something in them cannot be said in this protocol (audio, video, files that are no documents).</summary>
    public bool TryRead(JsonElement messages)
    {
        foreach (var message in messages.EnumerateArray())
        {
            if (message.ValueKind is JsonValueKind.Object && !TryAdd(message))
            {
                return false;
            }

            Turns.Trim();
        }

        return true;
    }

    /// <summary>Writes <c>system</c>: one string where the blocks say nothing but their text, else the blocks.</summary>
    public void WriteSystem(IBufferWriter<byte> output, bool marksCache)
    {
        if (!marksCache && _system.TrueForAll(static b => b.AsSpan().IndexOf("\"cache_control\""u8) < 0))
        {
            output.Write("\""u8);
            for (var i = 0; i < _system.Count; i++)
            {
                output.Write(i > 0 ? "\\n\\n"u8 : default);
                output.Write(_system[i].AsSpan(TextHead.Length..^TextTail.Length));
            }

            output.Write("\""u8);
            return;
        }

        output.Write("["u8);
        for (var i = 0; i < _system.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            if (marksCache && i == _system.Count - 1 && _system[i].AsSpan().IndexOf("\"cache_control\""u8) < 0)
            {
                output.Write(_system[i].AsSpan(..^1), ",\"cache_control\":{\"type\":\"ephemeral\"}"u8, "}"u8);
            }
            else
            {
                output.Write(_system[i]);
            }
        }

        output.Write("]"u8);
    }

    private static ReadOnlySpan<byte> TextHead => "{\"type\":\"text\",\"text\":\""u8;

    private static ReadOnlySpan<byte> TextTail => "\"}"u8;

    private bool TryAdd(JsonElement message)
    {
        var content = message.Has("content"u8, out var found) ? found : default;
        var own = message.Has("x_anthropic"u8, out var given) ? given : default;
        if (message.Is("role"u8, "system"u8) || message.Is("role"u8, "developer"u8))
        {
            if (own.ValueKind is JsonValueKind.Object)
            {
                Turns.AddWhole(own.Raw().ToArray());
                return true;
            }

            // A late one stays where it is, as words of the user's that are marked: not every model takes a system message there, and moved to the front it
            // would stand before what it is about, and void the cache of all that follows.
            var said = own.ValueKind is JsonValueKind.Undefined ? content : own;
            return Turns.IsEmpty ? TryBlocks(said, _system.Add) : TryLate(said);
        }

        if (message.Is("role"u8, "tool"u8) || message.Is("role"u8, "function"u8))
        {
            return TryAddResult(message, content);
        }

        var isAssistant = message.Is("role"u8, "assistant"u8);
        var turn = Turns.Of(isAssistant);
        if (isAssistant && own.ValueKind is JsonValueKind.Array)
        {
            AddOwn(own, turn);
            return true;
        }

        if (isAssistant)
        {
            AddThinking(message, turn);
        }

        if (!TryBlocks(content, turn.Add))
        {
            return false;
        }

        if (isAssistant)
        {
            AddCalls(message, turn);
        }

        return true;
    }

    private bool TryLate(JsonElement content)
    {
        var blocks = new List<byte[]>();
        if (!TryBlocks(content, blocks.Add))
        {
            return false;
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            Turns.Of(isAssistant: false).Add(i == 0 && blocks[i].AsSpan().StartsWith(TextHead) ? [.. TextHead, .. "[SYSTEM]: "u8, .. blocks[i].AsSpan(TextHead.Length)] : blocks[i]);
        }

        return true;
    }

    // A turn of the API's own, as it came; but thinking that nobody signed, and text that says nothing, are refused.
    private static void AddOwn(JsonElement blocks, AnthropicTurns.Turn turn)
    {
        foreach (var block in blocks.EnumerateArray())
        {
            if (block.Is("type"u8, "thinking"u8) || block.Is("type"u8, "redacted_thinking"u8))
            {
                if (block.Is("type"u8, "redacted_thinking"u8) || (block.Has("signature"u8, JsonValueKind.String, out var signature) && !signature.RawText().IsEmpty))
                {
                    turn.AddThinking(block.Raw().ToArray());
                }
            }
            else if (block.Is("type"u8, "tool_use"u8))
            {
                var id = block.TryGet("id"u8, out var given) ? given.RawText() : default;
                var known = AnthropicCallId.Of(id);
                turn.AddCall(id.SequenceEqual(known) ? block.Raw().ToArray() : JsonEdits.WithMember(block.Raw().ToArray(), "id"u8, (byte[])[(byte)'"', .. known, (byte)'"']).ToArray());
            }
            else if (block.ValueKind is JsonValueKind.Object && !(block.Is("type"u8, "text"u8) && block.TryGet("text"u8, out var text) && text.RawText().IsEmpty))
            {
                turn.Add(block.Raw().ToArray());
            }
        }
    }

    // The client's own, or what was remembered.
    private static void AddThinking(JsonElement message, AnthropicTurns.Turn turn)
    {
        if (!message.Has("thinking_blocks"u8, JsonValueKind.Array, out var blocks))
        {
            return;
        }

        foreach (var block in blocks.EnumerateArray())
        {
            if (block.ValueKind is JsonValueKind.Object)
            {
                turn.AddThinking(block.Raw().ToArray());
            }
        }
    }

    private static void AddCalls(JsonElement message, AnthropicTurns.Turn turn)
    {
        if (message.Has("tool_calls"u8, JsonValueKind.Array, out var calls))
        {
            foreach (var call in calls.EnumerateArray())
            {
                if (call.Has("function"u8, JsonValueKind.Object, out var function))
                {
                    turn.AddCall(Call(call.TryGet("id"u8, out var id) ? id.RawText() : default, function));
                }
            }
        }
        else if (message.Has("function_call"u8, JsonValueKind.Object, out var legacy))
        {
            // Its result names the function alone, so the name stands in for an id.
            turn.AddCall(Call(legacy.TryGet("name"u8, out var name) ? name.RawText() : default, legacy));
        }
    }

    private static byte[] Call(ReadOnlySpan<byte> id, JsonElement function)
    {
        var block = new ArrayBufferWriter<byte>(128);
        block.Write("{\"type\":\"tool_use\",\"id\":\""u8, AnthropicCallId.Of(id), "\",\"name\":\""u8);
        block.Write(function.TryGet("name"u8, out var name) ? name.RawText() : default);
        block.Write("\",\"input\":"u8, function.TryGet("arguments"u8, out var arguments) ? Input(arguments) : "{}"u8, "}"u8);
        return block.WrittenSpan.ToArray();
    }

    // An input is an object. Arguments that are none are kept as text under a name of our own rather than lost.
    private static ReadOnlySpan<byte> Input(JsonElement arguments)
    {
        var escaped = arguments.RawText();
        if (escaped.IsEmpty)
        {
            return arguments.ValueKind is JsonValueKind.Object ? arguments.Raw() : "{}"u8;
        }

        var text = new byte[escaped.Length];
        if (JsonText.TryDecode(escaped, text, out var length) && JsonReading.IsEmbeddable(text.AsSpan(0, length)))
        {
            return text.AsSpan(0, length);
        }

        return (byte[])[.. "{\"_raw\":\""u8, .. escaped, .. "\"}"u8];
    }

    private bool TryAddResult(JsonElement message, JsonElement content)
    {
        var id = message.TryGet("tool_call_id"u8, out var given) ? given : message.TryGet("name"u8, out var name) ? name : default;
        var block = new ArrayBufferWriter<byte>(128);
        block.Write("{\"type\":\"tool_result\",\"tool_use_id\":\""u8, AnthropicCallId.Of(id.RawText()), "\",\"content\":"u8);
        if (content.ValueKind is JsonValueKind.Array)
        {
            var blocks = new List<byte[]>();
            if (!TryBlocks(content, blocks.Add))
            {
                return false;
            }

            block.Write("["u8);
            for (var i = 0; i < blocks.Count; i++)
            {
                block.Write(i > 0 ? ","u8 : default);
                block.Write(blocks[i]);
            }

            block.Write("]"u8);
        }
        else
        {
            block.Write("\""u8, content.RawText(), "\""u8);
        }

        if (message.Has("is_error"u8, JsonValueKind.True, out _))
        {
            block.Write(",\"is_error\":true"u8);
        }

        WriteCacheControl(message, block);
        if (message.Has("x_anthropic"u8, JsonValueKind.Object, out var further))
        {
            foreach (var member in further.EnumerateObject())
            {
                block.Write(","u8);
                block.WriteName(member);
                block.Write(member.Value.Raw());
            }
        }

        block.Write("}"u8);
        Turns.Of(isAssistant: false).AddResult(block.WrittenSpan.ToArray());
        return true;
    }

    private static bool TryBlocks(JsonElement content, Action<byte[]> add)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            if (content.RawText() is { IsEmpty: false } text)
            {
                add([.. TextHead, .. text, .. TextTail]);
            }

            return true;
        }

        if (content.ValueKind is not JsonValueKind.Array)
        {
            return true;
        }

        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (Part(part) is not { } block)
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

    /// <summary>Empty = it says nothing; null = it cannot be said here.</summary>
    private static byte[]? Part(JsonElement part)
    {
        if (part.Has("x_anthropic"u8, JsonValueKind.Object, out var own))
        {
            return own.Raw().ToArray();
        }

        var text = part.Is("type"u8, "text"u8) && part.TryGet("text"u8, out var found) ? found
            : part.Is("type"u8, "refusal"u8) && part.TryGet("refusal"u8, out found) ? found
            : default;
        if (text.ValueKind is not JsonValueKind.Undefined)
        {
            return text.RawText() is { IsEmpty: false } escaped ? Finish(TextHead, escaped, part) : [];
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

    private static void WriteCacheControl(JsonElement owner, ArrayBufferWriter<byte> block)
    {
        if (owner.Has("cache_control"u8, out var cache))
        {
            block.Write(",\"cache_control\":"u8);
            block.Write(cache.Raw());
        }
    }
}

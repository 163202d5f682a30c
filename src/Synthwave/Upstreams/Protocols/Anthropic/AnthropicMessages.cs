using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Chat messages → system blocks and turns. Used once.</summary>
internal sealed class AnthropicMessages
{
    private readonly List<byte[]> _system = [];
    private readonly AnthropicCallIds _ids = new();

    public AnthropicTurns Turns { get; } = new();

    public bool HasSystem => _system.Count > 0;

    /// <summary>All blocks, the system's first.</summary>
    public IEnumerable<byte[]> Blocks => _system.Concat(Turns.Blocks);

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
        if (!marksCache && _system.TrueForAll(static b => AnthropicParts.IsPlainText(b)))
        {
            output.Write("\""u8);
            for (var i = 0; i < _system.Count; i++)
            {
                output.Write(i > 0 ? "\\n\\n"u8 : default);
                output.Write(AnthropicParts.TextOf(_system[i]));
            }

            output.Write("\""u8);
            return;
        }

        output.Write("["u8);
        for (var i = 0; i < _system.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            if (marksCache && i == _system.Count - 1)
            {
                CacheMarks.WriteMarked(_system[i], output);
            }
            else
            {
                output.Write(_system[i]);
            }
        }

        output.Write("]"u8);
    }

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

            return TryAddSystem(own.ValueKind is JsonValueKind.Undefined ? content : own);
        }

        if (message.Is("role"u8, "tool"u8) || message.Is("role"u8, "function"u8))
        {
            return TryAddResult(message, content);
        }

        var isAssistant = message.Is("role"u8, "assistant"u8);
        var turn = Turns.Of(isAssistant);
        if (isAssistant && own.ValueKind is JsonValueKind.Array)
        {
            AddOwn(message, own, turn);
            return true;
        }

        if (isAssistant)
        {
            AddThinking(message, turn);
        }

        if (!AnthropicParts.TryAdd(content, turn.Add))
        {
            return false;
        }

        if (isAssistant)
        {
            AddRefusal(message, turn);
            AddCalls(message, turn);
        }

        return true;
    }

    // A late one stays where it is, as words of the user's that are marked: not every model takes a system message there, and moved to the front it would
    // stand before what it is about, and void the cache of all that follows. So does one that is more than text.
    private bool TryAddSystem(JsonElement content)
    {
        var blocks = new List<byte[]>();
        if (!AnthropicParts.TryAdd(content, blocks.Add))
        {
            return false;
        }

        if (Turns.IsEmpty && blocks.TrueForAll(static b => AnthropicParts.IsText(b)))
        {
            _system.AddRange(blocks);
            return true;
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            Turns.Of(isAssistant: false).Add(i == 0 && AnthropicParts.IsText(blocks[i]) ? AnthropicParts.WithPrefix(blocks[i], "[SYSTEM]: "u8) : blocks[i]);
        }

        return true;
    }

    private static void AddRefusal(JsonElement message, AnthropicTurns.Turn turn)
    {
        if (message.Has("refusal"u8, JsonValueKind.String, out var refusal) && !JsonText.IsBlank(refusal.RawText()))
        {
            turn.Add(AnthropicParts.Text(refusal.RawText()));
        }
    }

    // A turn of the API's own, as it came; but thinking that nobody signed, and text that says nothing, are refused. Thinking that is missing is what was
    // remembered, as for a chat: some servers of the API sign none and want it back all the same.
    private void AddOwn(JsonElement message, JsonElement blocks, AnthropicTurns.Turn turn)
    {
        if (!blocks.EnumerateArray().Any(IsSignedThinking))
        {
            AddThinking(message, turn);
        }

        foreach (var block in blocks.EnumerateArray())
        {
            if (IsThinking(block))
            {
                if (IsSignedThinking(block))
                {
                    turn.AddThinking(block.Raw().ToArray());
                }
            }
            else if (block.Is("type"u8, "tool_use"u8))
            {
                var id = block.TryGet("id"u8, out var given) ? given.RawText() : default;
                var known = _ids.OfCall(id);
                turn.AddCall(id.SequenceEqual(known) ? block.Raw().ToArray() : JsonEdits.WithMember(block.Raw().ToArray(), "id"u8, (byte[])[(byte)'"', .. known, (byte)'"']).ToArray());
            }
            else if (block.Is("type"u8, "text"u8))
            {
                if (!AnthropicParts.IsBlankText(block))
                {
                    turn.Add(block.Raw().ToArray());
                }
            }
            else if (block.ValueKind is JsonValueKind.Object)
            {
                turn.AddOfServer(block.Raw().ToArray());
            }
        }
    }

    private static bool IsThinking(JsonElement block) => block.Is("type"u8, "thinking"u8) || block.Is("type"u8, "redacted_thinking"u8);

    private static bool IsSignedThinking(JsonElement block) => block.Is("type"u8, "redacted_thinking"u8)
        || (block.Is("type"u8, "thinking"u8) && block.Has("signature"u8, JsonValueKind.String, out var signature) && !signature.RawText().IsEmpty);

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

    private void AddCalls(JsonElement message, AnthropicTurns.Turn turn)
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

    private byte[] Call(ReadOnlySpan<byte> id, JsonElement function)
    {
        var block = new ArrayBufferWriter<byte>(128);
        block.Write("{\"type\":\"tool_use\",\"id\":\""u8, _ids.OfCall(id), "\",\"name\":\""u8);
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
        block.Write("{\"type\":\"tool_result\",\"tool_use_id\":\""u8, _ids.OfResult(id.RawText()), "\",\"content\":"u8);
        if (content.ValueKind is JsonValueKind.Array)
        {
            var blocks = new List<byte[]>();
            if (!AnthropicParts.TryAdd(content, blocks.Add))
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

        AnthropicParts.WriteCacheControl(message, block);
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
}

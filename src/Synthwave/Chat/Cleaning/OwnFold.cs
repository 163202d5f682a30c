using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>
/// The blocks of an Anthropic model's message, put together from the deltas of its chunks: the way back from <see cref="OwnSlices"/>. Thinking is kept for
/// whoever is shown it; the other blocks only matter where one says what a chat has no word for. Used by one choice.
/// </summary>
internal sealed class OwnFold
{
    private readonly List<Block> _blocks = [];
    private bool _isOpen;
    private bool _saysMore;

    /// <summary>Takes what a delta says of blocks. Their order is that of the chunks.</summary>
    /// <param name="delta">The next one.</param>
    /// <param name="text">Where its text lies in the whole text of the message; empty = it has none.</param>
    public void Add(JsonElement delta, Range text)
    {
        foreach (var block in delta.Has("thinking_blocks"u8, JsonValueKind.Array, out var thinking) ? thinking.EnumerateArray() : default)
        {
            if (block.ValueKind is JsonValueKind.Object)
            {
                Begin(new Block(block));
                _isOpen = false;
            }
        }

        var own = delta.Has("x_anthropic"u8, JsonValueKind.Object, out var found) ? found : default;
        if (own.ValueKind is JsonValueKind.Object)
        {
            _saysMore = true;
            AddOwn(own);
        }

        if (text.End.Value > text.Start.Value)
        {
            if (!_isOpen || !_blocks[^1].IsText)
            {
                Begin(Block.OfText());
            }

            _blocks[^1].Take(text);
        }

        foreach (var call in delta.Has("tool_calls"u8, JsonValueKind.Array, out var calls) ? calls.EnumerateArray() : default)
        {
            // Its further members came with it, its input stands in the chat's call.
            if (call.Has("id"u8, JsonValueKind.String, out _) && !(own.Has("content_block"u8, out var block) && block.Is("type"u8, "tool_use"u8)))
            {
                Begin(Block.OfCall(call));
                _isOpen = false;
            }
        }
    }

    /// <summary>Writes the members of the message.</summary>
    /// <param name="json">Within the message.</param>
    /// <param name="text">Its whole text, escaped.</param>
    public void Write(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (_blocks.Exists(static b => b.IsThinking))
        {
            Write("thinking_blocks"u8, _blocks.Where(static b => b.IsThinking), text, json);
        }

        if (_saysMore)
        {
            Write("x_anthropic"u8, _blocks, text, json);
        }
    }

    private static void Write(ReadOnlySpan<byte> name, IEnumerable<Block> blocks, ReadOnlySpan<byte> text, Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        foreach (var block in blocks)
        {
            block.Write(json, text);
        }

        json.WriteEndArray();
    }

    private void AddOwn(JsonElement own)
    {
        if (own.Is("type"u8, "content_block_stop"u8))
        {
            _isOpen = false;
        }
        else if (own.Has("content_block"u8, JsonValueKind.Object, out var block))
        {
            Begin(new Block(block));
        }
        else if (own.Has("delta"u8, JsonValueKind.Object, out var delta))
        {
            if (!_isOpen)
            {
                Begin(Block.OfText());
            }

            _blocks[^1].Add(delta);
        }
    }

    private void Begin(Block block)
    {
        _blocks.Add(block);
        _isOpen = true;
    }

    /// <summary>A block as far as it has come: how it began, and what its deltas brought.</summary>
    private sealed class Block
    {
        private readonly List<(string Name, byte[] Json)> _members = [];
        private readonly List<byte[]> _citations = [];
        private ArrayBufferWriter<byte>? _input;
        private Range _text = 0..0;

        public Block(JsonElement start)
        {
            foreach (var member in start.EnumerateObject())
            {
                if (member.TryGetName(out var name))
                {
                    _members.Add((name, member.Value.Raw().ToArray()));
                }
            }

            (IsText, IsThinking) = (start.Is("type"u8, "text"u8), start.Is("type"u8, "thinking"u8) || start.Is("type"u8, "redacted_thinking"u8));
            foreach (var citation in start.Has("citations"u8, JsonValueKind.Array, out var citations) ? citations.EnumerateArray() : default)
            {
                _citations.Add(citation.Raw().ToArray());
            }
        }

        public bool IsText { get; }

        public bool IsThinking { get; }

        public static Block OfText() => new(JsonReading.Element("{\"type\":\"text\",\"text\":\"\"}"u8));

        public static Block OfCall(JsonElement call)
        {
            var name = call.Has("function"u8, JsonValueKind.Object, out var function) && function.Has("name"u8, JsonValueKind.String, out var given) ? given.Raw() : "\"\""u8;
            return new(JsonReading.Element((byte[])[.. "{\"type\":\"tool_use\",\"id\":"u8, .. call.Get("id"u8).Raw(), .. ",\"name\":"u8, .. name, .. ",\"input\":{}}"u8]));
        }

        /// <summary>Takes a piece of a text, which follows the one before.</summary>
        public void Take(Range piece) => _text = _text.End.Value == 0 ? piece : _text.Start..piece.End;

        public void Add(JsonElement delta)
        {
            foreach (var member in delta.EnumerateObject())
            {
                if (member.IsNamed("partial_json"u8))
                {
                    (_input ??= new(256)).Write(member.Value.RawText());
                }
                else if (member.IsNamed("citation"u8))
                {
                    _citations.Add(member.Value.Raw().ToArray());
                }
                else if (!member.IsNamed("type"u8) && member.TryGetName(out var name))
                {
                    _members.RemoveAll(m => m.Name == name);
                    _members.Add((name, member.Value.Raw().ToArray()));
                }
            }
        }

        public void Write(Utf8JsonWriter json, ReadOnlySpan<byte> text)
        {
            json.WriteStartObject();
            foreach (var (name, value) in _members)
            {
                if (name is not "citations" || _citations.Count == 0)
                {
                    json.WriteRaw(Encoding.UTF8.GetBytes(name), IsText && name is "text" ? (byte[])[(byte)'"', .. text[_text], (byte)'"'] : name is "input" ? Input() ?? value : value);
                }
            }

            if (_citations.Count > 0)
            {
                json.WriteStartArray("citations"u8);
                foreach (var citation in _citations)
                {
                    json.WriteRawValue(citation, skipInputValidation: true);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        private byte[]? Input()
        {
            if (_input is not { WrittenCount: > 0 })
            {
                return null;
            }

            var text = Encoding.UTF8.GetBytes(JsonText.Unescape(_input.WrittenSpan));
            return JsonReading.IsEmbeddable(text) ? text : null;
        }
    }
}

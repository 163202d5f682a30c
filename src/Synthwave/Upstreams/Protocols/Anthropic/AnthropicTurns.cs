using System.Buffers;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>The conversation as turns that take turns: messages of one role in a row become one.</summary>
internal sealed class AnthropicTurns
{
    // The API wants a user to begin. Said where a conversation has nothing of a user there.
    private static ReadOnlySpan<byte> Opening => "{\"type\":\"text\",\"text\":\"(The conversation begins here.)\"}"u8;

    private readonly List<Turn> _turns = [];

    public bool IsEmpty => _turns.Count == 0;

    /// <summary>All blocks, in order.</summary>
    public IEnumerable<byte[]> Blocks => _turns.SelectMany(static t => t.Blocks);

    /// <summary>Tools were called in it.</summary>
    public bool HasCalls => _turns.Exists(static t => t.HasCalls);

    /// <summary>The conversation ends in words put into the model's mouth. A turn in which the provider's servers paused is the model's own, and goes on.</summary>
    public bool EndsWithAssistant => _turns.FindLast(static t => !t.IsWhole) is { IsAssistant: true, IsOfServers: false };

    /// <summary>
    /// The last turn answers tool calls whose own turn does not begin with the thinking that led to them.
    /// </summary>
    public bool ContinuesWithoutThinking => _turns.FindAll(static t => !t.IsWhole) is [.., { IsAssistant: true, HasCalls: true, HasThinking: false }, { IsAssistant: false, HasResults: true }];

    /// <summary>Where the next block of <paramref name="isAssistant"/>'s goes.</summary>
    public Turn Of(bool isAssistant)
    {
        if (_turns is [.., { IsWhole: false } last] && last.IsAssistant == isAssistant)
        {
            return last;
        }

        var turn = new Turn(isAssistant);
        _turns.Add(turn);
        return turn;
    }

    /// <summary>Adds a message of neither side, which goes as it is.</summary>
    public void AddWhole(byte[] message) => _turns.Add(new Turn(message));

    /// <summary>Forgets a turn nothing was said in.</summary>
    public void Trim()
    {
        if (_turns is [.., { IsEmpty: true }])
        {
            _turns.RemoveAt(_turns.Count - 1);
        }
    }

    /// <summary>Writes the array. With <paramref name="marksCache"/> the newest user turn's last block becomes a cache breakpoint.</summary>
    public void Write(IBufferWriter<byte> output, bool keepsThinking, bool marksCache)
    {
        output.Write("["u8);
        var isFirst = true;
        if (_turns.Find(static t => !t.IsWhole) is null or { IsAssistant: true })
        {
            output.Write("{\"role\":\"user\",\"content\":["u8, Opening, "]}"u8);
            isFirst = false;
        }

        var newestUser = _turns.FindLastIndex(static t => !t.IsAssistant && !t.IsWhole);
        for (var i = 0; i < _turns.Count; i++)
        {
            if (_turns[i].Kept(keepsThinking) is { Count: > 0 } blocks)
            {
                output.Write(isFirst ? default : ","u8);
                isFirst = false;
                _turns[i].Write(blocks, output, marksCache && i == newestUser, isLast: i == _turns.Count - 1);
            }
        }

        output.Write("]"u8);
    }

    // The API refuses white space at the end of words put into the model's mouth.
    private static byte[] Trimmed(byte[] block)
    {
        var element = JsonReading.Element(block);
        return element.Is("type"u8, "text"u8) && element.FindText("text") is { Length: > 0 } text && char.IsWhiteSpace(text[^1])
            ? JsonEdits.WithMember(block, "text"u8, JsonText.Quote(text.TrimEnd())).ToArray()
            : block;
    }

    /// <summary>One side's say.</summary>
    internal sealed class Turn
    {
        private readonly List<(byte[] Block, bool IsThinking)> _blocks = [];
        private readonly byte[]? _whole;

        public Turn(bool isAssistant) => IsAssistant = isAssistant;

        /// <param name="whole">A message of neither side.</param>
        public Turn(byte[] whole) => _whole = whole;

        public bool IsAssistant { get; }

        public bool IsWhole => _whole is not null;

        public bool IsEmpty => _blocks.Count == 0 && _whole is null;

        public bool HasCalls { get; private set; }

        public bool HasResults { get; private set; }

        /// <summary>The provider's servers worked in it.</summary>
        public bool IsOfServers { get; private set; }

        /// <summary>All it holds.</summary>
        public IEnumerable<byte[]> Blocks => _whole is not null ? [_whole] : _blocks.Select(static b => b.Block);

        public bool HasThinking => _blocks is [{ IsThinking: true }, ..];

        public void Add(byte[] block) => _blocks.Add((block, false));

        public void AddCall(byte[] block)
        {
            HasCalls = true;
            _blocks.Add((block, false));
        }

        public void AddResult(byte[] block)
        {
            HasResults = true;
            _blocks.Add((block, false));
        }

        public void AddThinking(byte[] block) => _blocks.Add((block, true));

        /// <summary>Adds what the provider's servers did.</summary>
        public void AddOfServer(byte[] block)
        {
            IsOfServers = true;
            _blocks.Add((block, false));
        }

        /// <summary>What is sent of it. Thinking that leads nowhere, where an answer was cut in its thoughts, is refused at the end of a turn.</summary>
        public List<byte[]> Kept(bool keepsThinking)
        {
            if (_whole is not null)
            {
                return [_whole];
            }

            var end = keepsThinking ? _blocks.FindLastIndex(static b => !b.IsThinking) + 1 : _blocks.Count;
            return [.. _blocks.Take(end).Where(b => keepsThinking || !b.IsThinking).Select(static b => b.Block)];
        }

        /// <summary>Writes the turn.</summary>
        /// <param name="blocks">What is sent of it.</param>
        /// <param name="output">Within the array of messages.</param>
        /// <param name="marksCache">Its last block becomes a cache breakpoint.</param>
        /// <param name="isLast">The conversation ends with it.</param>
        public void Write(List<byte[]> blocks, IBufferWriter<byte> output, bool marksCache, bool isLast)
        {
            if (_whole is not null)
            {
                output.Write(_whole);
                return;
            }

            output.Write(IsAssistant ? "{\"role\":\"assistant\",\"content\":["u8 : "{\"role\":\"user\",\"content\":["u8);
            for (var i = 0; i < blocks.Count; i++)
            {
                output.Write(i == 0 ? default : ","u8);
                var isEnd = i == blocks.Count - 1;
                if (marksCache && isEnd)
                {
                    CacheMarks.WriteMarked(blocks[i], output);
                }
                else
                {
                    output.Write(isEnd && isLast && IsAssistant ? Trimmed(blocks[i]) : blocks[i]);
                }
            }

            output.Write("]}"u8);
        }
    }
}

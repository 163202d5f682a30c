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

    /// <summary>The conversation ends in words put into the model's mouth.</summary>
    public bool EndsWithAssistant => _turns.FindLast(static t => !t.IsWhole) is { IsAssistant: true };

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
            output.Write(isFirst ? default : ","u8);
            isFirst = false;
            _turns[i].Write(output, keepsThinking, marksCache && i == newestUser);
        }

        output.Write("]"u8);
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

        public void Write(IBufferWriter<byte> output, bool keepsThinking, bool marksCache)
        {
            if (_whole is not null)
            {
                output.Write(_whole);
                return;
            }

            output.Write(IsAssistant ? "{\"role\":\"assistant\",\"content\":["u8 : "{\"role\":\"user\",\"content\":["u8);
            var last = _blocks.FindLastIndex(b => keepsThinking || !b.IsThinking);
            var isFirst = true;
            for (var i = 0; i < _blocks.Count; i++)
            {
                var (block, isThinking) = _blocks[i];
                if (isThinking && !keepsThinking)
                {
                    continue;
                }

                output.Write(isFirst ? default : ","u8);
                isFirst = false;
                if (marksCache && i == last && block.AsSpan().IndexOf("\"cache_control\""u8) < 0)
                {
                    output.Write(block.AsSpan(0, block.Length - 1), ",\"cache_control\":{\"type\":\"ephemeral\"}"u8, "}"u8);
                }
                else
                {
                    output.Write(block);
                }
            }

            output.Write("]}"u8);
        }
    }
}

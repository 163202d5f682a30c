using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// A list of reasoning parts that a stream gives in pieces: what follows its part with the same type and index continues its text, and its other members
/// complete it. Not thread-safe.
/// </summary>
internal sealed class ReasoningParts
{
    private static readonly string[] Texts = ["text", "summary", "thinking"];

    private readonly List<Part> _parts = [];

    public bool IsEmpty => _parts.Count == 0;

    /// <summary>Takes the parts of one event.</summary>
    public void Add(JsonElement parts)
    {
        foreach (var piece in parts.EnumerateArray())
        {
            if (piece.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (_parts is not [.., var last] || !last.IsContinuedBy(piece))
            {
                _parts.Add(last = new Part(piece));
            }

            last.Take(piece);
        }
    }

    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("["u8);
        for (var i = 0; i < _parts.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            _parts[i].Write(output);
        }

        output.Write("]"u8);
        return output.WrittenSpan.ToArray();
    }

    private sealed class Part(JsonElement first)
    {
        private readonly byte[] _type = RawOf(first, "type"u8);
        private readonly byte[] _index = RawOf(first, "index"u8);
        private readonly List<Member> _members = [];

        public bool IsContinuedBy(JsonElement piece) =>
            _members.Exists(static m => m.IsText) && RawOf(piece, "type"u8).AsSpan().SequenceEqual(_type) && RawOf(piece, "index"u8).AsSpan().SequenceEqual(_index);

        public void Take(JsonElement piece)
        {
            foreach (var member in piece.EnumerateObject())
            {
                var name = member.NameText();
                var isText = Texts.Contains(name) && member.Value.ValueKind is JsonValueKind.String;
                if (_members.Find(m => m.Name == name) is not { } known)
                {
                    _members.Add(known = new Member(name, isText));
                }
                else if (!CallReasoning.SaysSomething(member.Value) || known.IsText != isText)
                {
                    continue;
                }
                else if (!isText)
                {
                    known.Value.ResetWrittenCount();
                }

                known.Value.Write(isText ? member.Value.RawText() : member.Value.Raw());
            }
        }

        public void Write(ArrayBufferWriter<byte> output)
        {
            output.Write("{"u8);
            for (var i = 0; i < _members.Count; i++)
            {
                var member = _members[i];
                output.Write(i > 0 ? ","u8 : default);
                output.Write(JsonText.Quote(member.Name));
                output.Write(member.IsText ? ":\""u8 : ":"u8);
                output.Write(member.Value.WrittenSpan);
                output.Write(member.IsText ? "\""u8 : default);
            }

            output.Write("}"u8);
        }

        private static byte[] RawOf(JsonElement piece, ReadOnlySpan<byte> name) => piece.Has(name, out var value) ? value.Raw().ToArray() : [];
    }

    private sealed class Member(string name, bool isText)
    {
        public string Name { get; } = name;

        /// <summary>The value is the inside of a text, to be continued.</summary>
        public bool IsText { get; } = isText;

        public ArrayBufferWriter<byte> Value { get; } = new();
    }
}

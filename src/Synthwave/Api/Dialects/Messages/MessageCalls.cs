using System.Buffers;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Tool calls in the order their blocks must leave. One is live: its parts pass as they come. The parts of others are kept until it has ended, which
/// shows when its arguments are one whole JSON value.
/// </summary>
internal sealed class MessageCalls
{
    private readonly Queue<Call> _waiting = new();
    private readonly List<(HeldKind Kind, ArrayBufferWriter<byte> Text)> _held = [];
    private Call? _live;

    /// <summary>What must wait until the calls are out, in order: texts still escaped, signed thinking as blocks.</summary>
    public IEnumerable<(HeldKind Kind, ReadOnlyMemory<byte> Text)> Held => _held.Select(static h => (h.Kind, h.Text.WrittenMemory));

    /// <summary>What can wait.</summary>
    public enum HeldKind { Text, Thinking, Signed }

    /// <summary>Whether the live call can be taken for finished.</summary>
    public bool IsWhole => _live is null || IsJson(_live.Arguments);

    /// <summary>Keeps a piece for later; pieces of one kind that follow one another are one, unless they are blocks.</summary>
    public void Hold(HeldKind kind, ReadOnlySpan<byte> text)
    {
        if (kind is HeldKind.Signed || _held is not [.., var last] || last.Kind != kind)
        {
            _held.Add(last = (kind, new(text.Length)));
        }

        last.Text.Write(text);
    }

    /// <summary>Takes a part. True = it belongs to the live call and may pass now.</summary>
    public bool Take(ChatCallDelta part)
    {
        if (_live?.Index == part.Index)
        {
            _live.Append(part.Arguments.Span);
            return true;
        }

        var call = _waiting.FirstOrDefault(c => c.Index == part.Index);
        if (call is null)
        {
            _waiting.Enqueue(call = new Call(part.Index, part.Id.ToArray(), part.Name.ToArray()));
        }

        call.Append(part.Arguments.Span);
        return false;
    }

    /// <summary>Makes the next waiting call the live one; null = none waits, or the live one may still go on and is not to be <paramref name="force"/>d.</summary>
    public Call? TryNext(bool force)
    {
        if (_waiting.Count == 0 || !(force || IsWhole))
        {
            return null;
        }

        return _live = _waiting.Dequeue();
    }

    private static bool IsJson(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IsEmpty)
        {
            return false;
        }

        var text = ArrayPool<byte>.Shared.Rent(escaped.Length);
        try
        {
            return JsonText.TryDecode(escaped, text, out var length) && JsonReading.IsWhole(text.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    internal sealed class Call(int index, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> name)
    {
        private readonly ArrayBufferWriter<byte> _arguments = new();

        public int Index { get; } = index;

        public ReadOnlyMemory<byte> Id { get; } = id;

        public ReadOnlyMemory<byte> Name { get; } = name;

        /// <summary>So far, still escaped.</summary>
        public ReadOnlySpan<byte> Arguments => _arguments.WrittenSpan;

        public void Append(ReadOnlySpan<byte> part) => _arguments.Write(part);
    }
}

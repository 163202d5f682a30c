using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Events;
using Synthwave.Chat.Tools;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Puts together what a stream says beside its calls, and remembers it at the end as <see cref="CallReasoning"/> does. Not thread-safe.</summary>
internal sealed class StreamedReasoning(ThinkingMemory memory, Asking asked)
{
    // What is longer is not remembered.
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly ArrayBufferWriter<byte> _reasoning = new();
    private readonly ReasoningParts _details = new();
    private readonly ReasoningParts _blocks = new();
    private readonly List<StreamedCall> _calls = [];
    private readonly List<CallDelta> _deltas = [];
    private long _bytes;
    private bool _isNew;

    private bool HasReasoning => _content.WrittenCount > 0 || _reasoning.WrittenCount > 0 || !_details.IsEmpty || !_blocks.IsEmpty;

    /// <summary>Takes what an event has of it.</summary>
    public void Take(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        if (shape.IsTextOnly || _bytes > MostBytes)
        {
            return;
        }

        if (shape.HasReasoningMember)
        {
            Append(_content, shape.ReasoningContent.In(data), "reasoning_content");
            Append(_reasoning, shape.Reasoning.In(data), "reasoning");
            var delta = shape.Delta.In(data);
            if (shape.ThinkingBlocks.IsPresent || delta.IndexOf("\"reasoning_details\""u8) >= 0)
            {
                TakeParts(delta);
            }
        }

        if (shape.ToolCalls.IsPresent && (HasReasoning || memory.MemberFor(asked.Owner) is not null || CallReasoning.MayHoldSignature(shape.ToolCalls.In(data))))
        {
            TakeCalls(data, shape.ToolCalls);
        }
    }

    /// <summary>The answer is over, or seems to be; more may follow.</summary>
    public void End()
    {
        if (!_isNew || _calls.Count == 0 || _bytes > MostBytes)
        {
            return;
        }

        _isNew = false;
        var members = new ArrayBufferWriter<byte>();
        WriteText(members, "reasoning_content", _content);
        WriteText(members, "reasoning", _reasoning);
        WriteParts(members, "reasoning_details", _details);
        WriteParts(members, "thinking_blocks", _blocks);
        CallReasoning.Keep(members.WrittenMemory, [.. _calls.Select(static c => c.ToRemember())], memory, asked);
    }

    private void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> piece, string name)
    {
        if (piece.IsEmpty)
        {
            return;
        }

        memory.NoteMember(name);
        if (TryTake(piece.Length))
        {
            text.Write(piece);
        }
    }

    // What there is no memory for is too long to be remembered.
    private bool TryTake(int bytes)
    {
        _isNew = true;
        _bytes = _bytes + bytes <= MostBytes && asked.Memory.TryTake(bytes) ? _bytes + bytes : MostBytes + 1;
        return _bytes <= MostBytes;
    }

    private void TakeParts(ReadOnlySpan<byte> delta)
    {
        if (!TryTake(delta.Length))
        {
            return;
        }

        var parsed = JsonReading.Element(delta);
        if (parsed.Has("reasoning_details"u8, JsonValueKind.Array, out var details))
        {
            _details.Add(details);
        }

        if (parsed.Has("thinking_blocks"u8, JsonValueKind.Array, out var blocks))
        {
            _blocks.Add(blocks);
        }
    }

    private void TakeCalls(ReadOnlySpan<byte> data, ByteRange calls)
    {
        if (!TryTake(calls.Length))
        {
            return;
        }

        CallDelta.ReadAll(data, calls, _deltas);
        foreach (var delta in _deltas)
        {
            if (delta.IsNothing)
            {
                continue;
            }

            var id = delta.Id.IsPresent ? JsonText.Unescape(delta.Id.In(data)) : null;
            var call = _calls.FindLast(c => delta.Index is null || c.Index == delta.Index);
            if (call is null || (id is not null && call.Id is not null && id != call.Id))
            {
                _calls.Add(call = new StreamedCall(delta.Index));
            }

            call.Take(delta, id, data);
        }
    }

    private static void WriteText(ArrayBufferWriter<byte> members, string name, ArrayBufferWriter<byte> text)
    {
        if (text.WrittenCount > 0)
        {
            CallReasoning.WriteMember(members, name, [(byte)'"', .. text.WrittenSpan, (byte)'"']);
        }
    }

    private static void WriteParts(ArrayBufferWriter<byte> members, string name, ReasoningParts parts)
    {
        if (!parts.IsEmpty)
        {
            CallReasoning.WriteMember(members, name, parts.ToJson());
        }
    }

    private sealed class StreamedCall(int? index)
    {
        private readonly ArrayBufferWriter<char> _arguments = new();
        private string _function = "";
        private ReadOnlyMemory<byte> _members;

        public int? Index { get; } = index;

        public string? Id { get; private set; }

        public void Take(in CallDelta delta, string? id, ReadOnlySpan<byte> data)
        {
            Id ??= id;
            if (_function.Length == 0 && delta.Name.IsPresent)
            {
                _function = JsonText.Unescape(delta.Name.In(data));
            }

            if (delta.HasTextArguments)
            {
                JsonText.Unescape(delta.Arguments.In(data)[1..^1], _arguments);
            }
            else if (delta.Arguments.IsPresent)
            {
                Encoding.UTF8.GetChars(delta.Arguments.In(data), _arguments);
            }

            var whole = delta.Whole.In(data);
            if (CallReasoning.MayHoldSignature(whole) && CallReasoning.SignaturesOf(JsonReading.Element(whole)) is { IsEmpty: false } members)
            {
                _members = members;
            }
        }

        public RememberedCall ToRemember() => new(Id, _function, new string(_arguments.WrittenSpan), _members);
    }
}

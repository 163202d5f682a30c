using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// The blocks of one streamed message. They follow one another: what comes behind a call that is still being written waits until all calls are out, and a call
/// whose parts come before the one in front of it has ended waits for its turn. Used by one answer.
/// </summary>
/// <param name="events">Where they are written.</param>
/// <param name="ids">What its calls are called.</param>
internal sealed class StreamedBlocks(MessageEvents events, MessageCallIds ids)
{
    private readonly MessageCalls _calls = new();
    private Dictionary<string, byte[]>? _callMembers;
    private Kind _open = Kind.None;

    private enum Kind { None, Text, Thinking, Call, Own }

    /// <summary>A piece of the answer's text, escaped.</summary>
    public void WriteText(ReadOnlySpan<byte> text, KeptBytes kept, IBufferWriter<byte> output) => Write(Kind.Text, text, kept, output);

    /// <summary>A piece of what the model thinks, escaped.</summary>
    public void WriteThinking(ReadOnlySpan<byte> text, KeptBytes kept, IBufferWriter<byte> output) => Write(Kind.Thinking, text, kept, output);

    /// <summary>Thinking as its model signed it: a list of blocks, whose words may have come ahead.</summary>
    public void WriteSigned(ReadOnlyMemory<byte> blocks, KeptBytes kept, IBufferWriter<byte> output)
    {
        if (Holds(MessageCalls.HeldKind.Signed, blocks.Span, kept))
        {
            return;
        }

        using var document = JsonReading.Document(blocks);
        foreach (var block in document.RootElement.EnumerateArray())
        {
            if (block.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (block.Has("type"u8, out var type) && type.IsText("redacted_thinking"u8))
            {
                End(output);
                events.Start(block.Raw(), output);
                _open = Kind.Thinking;
                End(output);
                continue;
            }

            if (_open is not Kind.Thinking)
            {
                // Its words did not come ahead of it.
                End(output);
                Start(Kind.Thinking, output);
                if (block.Has("thinking"u8, JsonValueKind.String, out var thought) && thought.Raw().Length > 2)
                {
                    events.Delta("thinking_delta\",\"thinking\":\""u8, thought.RawText(), output);
                }
            }

            if (block.Has("signature"u8, JsonValueKind.String, out var signature))
            {
                events.Delta("signature_delta\",\"signature\":\""u8, signature.RawText(), output);
            }

            End(output);
        }
    }

    /// <summary>Parts of calls.</summary>
    public void WriteCalls(List<ChatCallDelta> deltas, KeptBytes kept, IBufferWriter<byte> output)
    {
        foreach (var delta in deltas)
        {
            if (!kept.TryKeep(delta.Arguments.Length + delta.Name.Length + delta.Id.Length))
            {
                return;
            }

            if (_calls.Take(delta))
            {
                if (!delta.Arguments.IsEmpty)
                {
                    events.Delta("input_json_delta\",\"partial_json\":\""u8, delta.Arguments.Span, output);
                }

                continue;
            }

            while ((_open is not Kind.Call || _calls.IsWhole) && _calls.TryNext(force: false) is { } next)
            {
                StartCall(next, output);
            }
        }
    }

    /// <summary>An event of the API's own. Its blocks follow one another, so that what is still open here is over.</summary>
    public void WriteOwn(ReadOnlyMemory<byte> own, KeptBytes kept, IBufferWriter<byte> output)
    {
        using var document = JsonReading.Document(own);
        var root = document.RootElement;
        if (root.Is("type"u8, "content_block_stop"u8))
        {
            End(output);
        }
        else if (root.Has("delta"u8, JsonValueKind.Object, out var delta))
        {
            if (_open is not (Kind.Own or Kind.Text))
            {
                End(output);
                Start(Kind.Text, output);
            }

            events.Delta(delta.Raw(), output);
        }
        else if (root.Has("content_block"u8, JsonValueKind.Object, out var block))
        {
            if (block.Is("type"u8, "tool_use"u8))
            {
                KeepMembers(block, kept);
                return;
            }

            End(output);
            events.Start(block.Raw(), output);
            _open = block.Is("type"u8, "text"u8) ? Kind.Text : Kind.Own;
        }
    }

    /// <summary>The message is over: what waits is written.</summary>
    public void Complete(KeptBytes kept, IBufferWriter<byte> output)
    {
        End(output);
        while (_calls.TryNext(force: true) is { } call)
        {
            StartCall(call, output);
            End(output);
        }

        foreach (var (kind, text) in _calls.Held)
        {
            switch (kind)
            {
                case MessageCalls.HeldKind.Signed:
                    WriteSigned(text, kept, output);
                    break;
                case MessageCalls.HeldKind.Thinking:
                    WriteThinking(text.Span, kept, output);
                    break;
                default:
                    WriteText(text.Span, kept, output);
                    break;
            }
        }

        End(output);
    }

    private void Write(Kind kind, ReadOnlySpan<byte> text, KeptBytes kept, IBufferWriter<byte> output)
    {
        if (Holds(kind is Kind.Thinking ? MessageCalls.HeldKind.Thinking : MessageCalls.HeldKind.Text, text, kept))
        {
            return;
        }

        if (_open != kind)
        {
            End(output);
            Start(kind, output);
        }

        events.Delta(kind is Kind.Text ? "text_delta\",\"text\":\""u8 : "thinking_delta\",\"thinking\":\""u8, text, output);
    }

    private bool Holds(MessageCalls.HeldKind kind, ReadOnlySpan<byte> text, KeptBytes kept)
    {
        if (_open is not Kind.Call || _calls.IsWhole)
        {
            return false;
        }

        if (kept.TryKeep(text.Length))
        {
            _calls.Hold(kind, text);
        }

        return true;
    }

    private void StartCall(MessageCalls.Call call, IBufferWriter<byte> output)
    {
        End(output);
        _open = Kind.Call;
        events.BeginStart("{\"type\":\"tool_use\",\"id\":\""u8);
        events.Write(ids.OfNext(call.Id.Span));
        events.Write("\",\"name\":\""u8);
        events.Write(call.Name.Span);
        events.Write("\",\"input\":{}"u8);
        events.Write(_callMembers is not null && _callMembers.Remove(Encoding.UTF8.GetString(call.Id.Span), out var members) ? members : []);
        events.Write("}"u8);
        events.End(output);
        if (!call.Arguments.IsEmpty)
        {
            events.Delta("input_json_delta\",\"partial_json\":\""u8, call.Arguments, output);
        }
    }

    private void KeepMembers(JsonElement call, KeptBytes kept)
    {
        if (call.TryGet("id"u8, out var id) && kept.TryKeep(call.Raw().Length))
        {
            (_callMembers ??= new(StringComparer.Ordinal))[Encoding.UTF8.GetString(id.RawText())] = MessageBlocks.FurtherMembers(call);
        }
    }

    private void Start(Kind kind, IBufferWriter<byte> output)
    {
        _open = kind;
        events.Start(kind is Kind.Text ? "{\"type\":\"text\",\"text\":\"\"}"u8 : "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"u8, output);
    }

    private void End(IBufferWriter<byte> output)
    {
        if (_open is not Kind.None)
        {
            _open = Kind.None;
            events.Stop(output);
        }
    }
}

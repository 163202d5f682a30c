using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// A message's events → chat chunks.
/// <code>
/// message_start ─► role      text, thinking, input deltas ─► content, reasoning_content, arguments
/// end of a thinking block ─► thinking_blocks      message_delta ─► finish_reason      message_stop ─► usage, [DONE]
/// </code>
/// Pings are progress without content. What a chat has no word for goes to clients of the same API as it came, see <see cref="AnthropicOwn"/>, and is
/// passed over for others.
/// </summary>
internal sealed class AnthropicEvents(Stream body, ThinkingMemory memory, Asking asked, TimeProvider time) : ProtocolEvents(body)
{
    private readonly AnthropicChunks _chunks = new(time);
    private readonly StreamedThoughts _thoughts = new(memory, asked);
    private readonly bool _isOwn = AnthropicOwn.IsWanted(asked.Conversation);
    private readonly Dictionary<string, byte[]>? _end = AnthropicOwn.IsEndWanted(asked.Conversation) ? new(StringComparer.Ordinal) : null;
    private AnthropicUsage _usage = new(AnthropicOwn.IsEndWanted(asked.Conversation));
    private Block _open;
    private int _callBlock = -1;
    private bool _hasArguments;
    private byte[]? _input;
    private bool _hadText;
    private bool _isOver;

    private enum Block { None, Text, Thinking, Call, Other }

    public override TokenUsage? EarlyUsage => _usage.Total;

    public override EventReading Read()
    {
        if (_isOver)
        {
            Current = new(StreamEventKind.Done, SseFrame.Done, default);
            return EventReading.Event;
        }

        while (Events.TryRead())
        {
            if (Events.Kind is not SseEventKind.Data)
            {
                if (Events.Kind is SseEventKind.Empty)
                {
                    continue;
                }

                Current = new(StreamEventKind.Comment, Events.Raw, default);
                return EventReading.Event;
            }

            if (Take(Events.Data) is { } reading)
            {
                return reading;
            }
        }

        return Rest;
    }

    // Null = nothing to tell, read on.
    private EventReading? Take(ReadOnlyMemory<byte> data)
    {
        if (!Utf8.IsValid(data.Span))
        {
            return Senseless;
        }

        if (data.Span.ContainsAny((byte)'\n', (byte)'\r'))
        {
            // It came on several lines, which stand between its tokens: parts of it go on in one.
            var line = data.ToArray();
            line.AsSpan().Replace((byte)'\n', (byte)' ');
            line.AsSpan().Replace((byte)'\r', (byte)' ');
            data = line;
        }

        JsonDocument document;
        try
        {
            document = JsonReading.Document(data);
        }
        catch (JsonException)
        {
            return Senseless;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return Senseless;
            }

            if (!root.TryGet("type"u8, out var type) || type.ValueKind is not JsonValueKind.String)
            {
                // A gateway before the provider may say it in words of its own.
                return root.Has("error"u8, out _) ? Error(data) : Senseless;
            }

            if (type.IsText("content_block_delta"u8))
            {
                return root.Has("delta"u8, JsonValueKind.Object, out var delta) ? TakeDelta(delta) : EventReading.Malformed;
            }

            if (type.IsText("error"u8))
            {
                return Error(data);
            }

            if (type.IsText("ping"u8))
            {
                Current = new(StreamEventKind.Comment, SseFrame.Heartbeat, default);
                return EventReading.Event;
            }

            return TakeFrame(root, type);
        }
    }

    private EventReading Error(ReadOnlyMemory<byte> data)
    {
        Current = new(StreamEventKind.Error, Events.Raw, data);
        return EventReading.Event;
    }

    private EventReading? TakeFrame(JsonElement root, JsonElement type)
    {
        if (type.IsText("message_start"u8))
        {
            return root.Has("message"u8, JsonValueKind.Object, out var message) ? Start(message) : EventReading.Malformed;
        }

        if (!_chunks.HasHead)
        {
            return EventReading.Malformed;
        }

        if (type.IsText("content_block_start"u8))
        {
            return root.Has("content_block"u8, JsonValueKind.Object, out var block) ? StartBlock(block) : EventReading.Malformed;
        }

        if (type.IsText("content_block_stop"u8))
        {
            return EndBlock();
        }

        if (type.IsText("message_delta"u8))
        {
            if (root.Has("usage"u8, out var usage))
            {
                _usage.Take(usage);
            }

            if (_end is not null)
            {
                AnthropicOwn.Collect(root, _end);
                AnthropicOwn.Collect(root.Has("delta"u8, out var end) ? end : default, _end);
            }

            return root.Has("delta"u8, JsonValueKind.Object, out var delta) && delta.Has("stop_reason"u8, out _) ? Finish(delta) : null;
        }

        return type.IsText("message_stop"u8) ? End() : null;
    }

    private EventReading? Start(JsonElement message)
    {
        if (message.Has("usage"u8, out var usage))
        {
            _usage.Take(usage);
        }

        if (_end is not null)
        {
            AnthropicOwn.Collect(message, _end);
        }

        return Show(_chunks.Start(message));
    }

    private EventReading? StartBlock(JsonElement block)
    {
        var hadText = _open is Block.Text || _hadText;
        _open = block.Is("type"u8, "text"u8) ? Block.Text
            : block.Is("type"u8, "thinking"u8) || block.Is("type"u8, "redacted_thinking"u8) ? Block.Thinking
            : block.Is("type"u8, "tool_use"u8) ? Block.Call
            : Block.Other;
        _hadText = _open is Block.Text;
        switch (_open)
        {
            case Block.Call:
                return StartCall(block);
            case Block.Text:
                return StartText(block, hadText);
            case Block.Thinking:
                return _thoughts.Start(block);
            default:
                return _isOwn ? Show(_chunks.Own("content_block_start\",\"content_block\":"u8, block.Raw())) : null;
        }
    }

    private EventReading StartCall(JsonElement block)
    {
        _callBlock++;
        _hasArguments = false;
        _input = block.Has("input"u8, JsonValueKind.Object, out var input) && input.GetPropertyCount() > 0 ? input.Raw().ToArray() : null;
        var id = block.TryGet("id"u8, out var given) ? given.RawText() : default;
        _thoughts.StartCall(block);
        _chunks.Begin("\"tool_calls\":[{\"index\":"u8);
        _chunks.WriteNumber(_callBlock);
        _chunks.Write(",\"id\":\""u8);
        _chunks.Write(id);
        _chunks.Write("\",\"type\":\"function\",\"function\":{\"name\":\""u8);
        _chunks.Write(block.TryGet("name"u8, out var name) ? name.RawText() : default);
        _chunks.Write("\",\"arguments\":\"\"}}]"u8);
        if (_isOwn && AnthropicOwn.SaysMore(block))
        {
            _chunks.Write(",\"x_anthropic\":{\"type\":\"content_block_start\",\"content_block\":"u8);
            _chunks.Write(block.Raw());
            _chunks.Write("}"u8);
        }

        return Show(_chunks.EndDelta());
    }

    // A block may begin with words already. One that follows another is told to clients who would run them together else.
    private EventReading? StartText(JsonElement block, bool hadText)
    {
        var text = block.TryGet("text"u8, out var given) ? given.RawText() : default;
        if (!_isOwn || !(hadText || AnthropicOwn.SaysMore(block)))
        {
            return text.IsEmpty ? null : Show(_chunks.Text("\"content\":\""u8, text));
        }

        _chunks.Begin("\"x_anthropic\":{\"type\":\"content_block_start\",\"content_block\":"u8);
        _chunks.Write(JsonEdits.WithMember(block.Raw().ToArray(), "text"u8, "\"\""u8.ToArray()).Span);
        _chunks.Write("}"u8);
        if (!text.IsEmpty)
        {
            _chunks.Write(",\"content\":\""u8);
            _chunks.Write(text);
            _chunks.Write("\""u8);
        }

        return Show(_chunks.EndDelta());
    }

    private EventReading? TakeDelta(JsonElement delta)
    {
        if (!_chunks.HasHead)
        {
            return EventReading.Malformed;
        }

        if (_open is Block.Other)
        {
            return _isOwn ? Show(_chunks.Own("content_block_delta\",\"delta\":"u8, delta.Raw())) : null;
        }

        if (delta.Is("type"u8, "text_delta"u8))
        {
            return delta.TryGet("text"u8, out var text) && text.RawText() is { IsEmpty: false } escaped ? Show(_chunks.Text("\"content\":\""u8, escaped)) : null;
        }

        if (delta.Is("type"u8, "input_json_delta"u8))
        {
            return _open is Block.Call && delta.TryGet("partial_json"u8, out var part) && part.RawText() is { IsEmpty: false } piece ? Arguments(piece) : null;
        }

        if (delta.Is("type"u8, "thinking_delta"u8))
        {
            return !delta.TryGet("thinking"u8, out var thought) || thought.RawText() is not { IsEmpty: false } piece ? null
                : _thoughts.AddThought(piece) ?? Show(_chunks.Text("\"reasoning_content\":\""u8, piece));
        }

        if (delta.Is("type"u8, "signature_delta"u8))
        {
            return delta.TryGet("signature"u8, out var signature) ? _thoughts.AddSignature(signature.RawText()) : null;
        }

        return _isOwn && _open is Block.Text ? Show(_chunks.Own("content_block_delta\",\"delta\":"u8, delta.Raw())) : null;
    }

    private EventReading Arguments(ReadOnlySpan<byte> piece)
    {
        _hasArguments = true;
        _thoughts.AddArguments(_callBlock, piece);
        _chunks.Begin("\"tool_calls\":[{\"index\":"u8);
        _chunks.WriteNumber(_callBlock);
        _chunks.Write(",\"function\":{\"arguments\":\""u8);
        _chunks.Write(piece);
        _chunks.Write("\"}}]"u8);
        return Show(_chunks.EndDelta());
    }

    private EventReading? EndBlock()
    {
        var ended = _open;
        _open = Block.None;
        if (ended is Block.Call && !_hasArguments)
        {
            // It came with its input, or takes none: said now, so that it is over for whoever waits for its end.
            var input = new ArrayBufferWriter<byte>(64);
            JsonText.Escape(_input is null ? "{}" : Encoding.UTF8.GetString(_input), input);
            return Arguments(input.WrittenSpan);
        }

        if (ended is Block.Other && _isOwn)
        {
            _chunks.Begin("\"x_anthropic\":{\"type\":\"content_block_stop\"}"u8);
            return Show(_chunks.EndDelta());
        }

        if (ended is not Block.Thinking)
        {
            return null;
        }

        _chunks.Begin("\"thinking_blocks\":["u8);
        _chunks.Write(_thoughts.End());
        _chunks.Write("]"u8);
        return Show(_chunks.EndDelta());
    }

    private EventReading Finish(JsonElement delta)
    {
        _thoughts.Keep();
        return Show(_chunks.Finish(delta, _end, _usage.Total));
    }

    private EventReading End()
    {
        _isOver = true;
        return Show(_usage.Total is { } total ? _chunks.Usage(total) : new ChatStreamEvent(StreamEventKind.Done, SseFrame.Done, default));
    }

    private EventReading Show(ChatStreamEvent? chunk)
    {
        if (chunk is not { } shown)
        {
            return EventReading.Malformed;
        }

        Current = shown;
        return EventReading.Event;
    }
}

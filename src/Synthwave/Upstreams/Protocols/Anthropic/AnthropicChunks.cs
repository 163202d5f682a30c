using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Writes the chat chunks of one streamed message. A chunk is valid until the next is begun; null = it would be no valid JSON. Not thread-safe.</summary>
internal sealed class AnthropicChunks(TimeProvider time)
{
    private readonly ChunkScanner _scanner = new();
    private readonly ArrayBufferWriter<byte> _chunk = new(512);
    private readonly ArrayBufferWriter<byte> _head = new(128);

    /// <summary>The message has told who speaks: only then there are chunks.</summary>
    public bool HasHead => _head.WrittenCount > 0;

    /// <summary>Takes the members that all chunks have from the message, and begins with the role.</summary>
    public ChatStreamEvent? Start(JsonElement message)
    {
        _head.ResetWrittenCount();
        _head.Write("data: {\"id\":"u8);
        _head.Write(message.Has("id"u8, JsonValueKind.String, out var id) ? id.Raw() : "\"\""u8);
        _head.Write(",\"object\":\"chat.completion.chunk\",\"created\":"u8);
        AnthropicStop.WriteNumber(_head, time.GetUtcNow().ToUnixTimeSeconds());
        _head.Write(",\"model\":"u8);
        _head.Write(message.Has("model"u8, JsonValueKind.String, out var model) ? model.Raw() : "\"\""u8);
        _head.Write(",\"choices\":["u8);
        Begin("\"role\":\"assistant\",\"content\":\"\""u8);
        return EndDelta();
    }

    /// <summary>Begins a chunk with the first members of its delta.</summary>
    public void Begin(ReadOnlySpan<byte> members)
    {
        _chunk.ResetWrittenCount();
        _chunk.Write(_head.WrittenSpan);
        _chunk.Write("{\"index\":0,\"delta\":{"u8);
        _chunk.Write(members);
    }

    public void Write(ReadOnlySpan<byte> bytes) => _chunk.Write(bytes);

    public void WriteNumber(long number) => AnthropicStop.WriteNumber(_chunk, number);

    public ChatStreamEvent? EndDelta()
    {
        _chunk.Write("},\"finish_reason\":null}]"u8);
        return End();
    }

    /// <summary>A chunk whose delta is one text.</summary>
    /// <param name="member">From its name to the opening quote.</param>
    /// <param name="escaped">The text as it stands between quotes.</param>
    public ChatStreamEvent? Text(ReadOnlySpan<byte> member, ReadOnlySpan<byte> escaped)
    {
        Begin(member);
        _chunk.Write(escaped);
        _chunk.Write("\""u8);
        return EndDelta();
    }

    /// <summary>A chunk whose delta is an event of the API's own.</summary>
    /// <param name="type">The event's, from its name to where <paramref name="json"/> stands.</param>
    /// <param name="json">A value.</param>
    public ChatStreamEvent? Own(ReadOnlySpan<byte> type, ReadOnlySpan<byte> json)
    {
        Begin("\"x_anthropic\":{\"type\":\""u8);
        _chunk.Write(type, json, "}"u8);
        return EndDelta();
    }

    /// <summary>The chunk that says why the message ended, and what it used as far as that is known: some servers say nothing after it.</summary>
    /// <param name="delta">The end's.</param>
    /// <param name="members">What a chat has no word for; null = nobody reads it.</param>
    /// <param name="usage">Null = not known.</param>
    public ChatStreamEvent? Finish(JsonElement delta, Dictionary<string, byte[]>? members, TokenUsage? usage)
    {
        _chunk.ResetWrittenCount();
        _chunk.Write(_head.WrittenSpan);
        _chunk.Write("{\"index\":0,\"delta\":{},"u8);
        AnthropicStop.Write(delta, _chunk);
        if (members is not null)
        {
            AnthropicOwn.WriteEnd(members, _chunk);
        }

        _chunk.Write("}]"u8);
        return usage is null ? End() : EndWithUsage(usage);
    }

    /// <summary>The chunk that has usage alone.</summary>
    public ChatStreamEvent? Usage(TokenUsage usage)
    {
        _chunk.ResetWrittenCount();
        _chunk.Write(_head.WrittenSpan);
        _chunk.Write("]"u8);
        return EndWithUsage(usage);
    }

    private ChatStreamEvent? EndWithUsage(TokenUsage usage)
    {
        _chunk.Write(",\"usage\":"u8);
        _chunk.Write(usage.ToJson());
        return End();
    }

    private ChatStreamEvent? End()
    {
        _chunk.Write("}\n\n"u8);
        var raw = _chunk.WrittenMemory;
        var payload = SseFrame.Payload(raw);
        return _scanner.TryScan(payload.Span, out var shape, out _) ? new ChatStreamEvent(StreamEventKind.Chunk, raw, payload, shape) : null;
    }
}

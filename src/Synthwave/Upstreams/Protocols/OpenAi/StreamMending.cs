using System.Buffers;
using System.Text;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Makes the events of one stream what clients expect: the first delta names the role, content is text, the finish reason is one of OpenAI's and there is
/// one. An event that is in order passes as it came. Not thread-safe.
/// </summary>
internal sealed class StreamMending
{
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ChunkScanner _scanner = new();
    private StreamLabels? _labels;
    private bool _hasDelta;
    private bool _hasCalls;
    private bool _isFinished;
    private bool _isEndHeld;

    /// <summary>Something came that an answer is made of, or a reason why there is none.</summary>
    public bool HasAnswer { get; private set; }

    /// <summary>The event as the client may have it; its bytes are valid until the next one is mended.</summary>
    public ChatStreamEvent Mend(in ChatStreamEvent found)
    {
        if (found.Kind is StreamEventKind.Done && _hasDelta && !_isFinished)
        {
            _isEndHeld = true;
            _isFinished = true;
            return Frame(new ChunkComposer(_labels ?? new("\"\"", "0", "\"\"")).Finish(FinishReasons.Of(reason: null, _hasCalls)));
        }

        if (found.Kind is not StreamEventKind.Chunk || !found.Shape.HasChoice)
        {
            return found;
        }

        var shape = found.Shape;
        var isFirst = !_hasDelta && shape.Delta.IsPresent;
        _hasDelta |= isFirst;
        _hasCalls |= shape.ToolCalls.IsPresent;
        _isFinished |= shape.FinishReason.IsPresent;
        HasAnswer |= shape.Content.IsPresent || shape.ReasoningContent.IsPresent || shape.Reasoning.IsPresent || shape.HasOtherVisible || shape.HasOtherChoices
            || shape.ThinkingBlocks.IsPresent || shape.FinishReason.IsPresent || shape.Delta.IsAbsent;
        if (isFirst)
        {
            _labels = Labels(found.Data.Span, shape);
        }

        var reason = shape.FinishReason.In(found.Data.Span);
        if (!shape.NeedsMending && (!isFirst || shape.HasRole) && (reason.IsEmpty || FinishReasons.IsKnown(reason) || FinishReasons.IsFailure(reason)))
        {
            return found;
        }

        if (FinishReasons.IsFailure(reason))
        {
            return found;
        }

        _payload.ResetWrittenCount();
        AnswerMending.Chunk(found.Data, isFirst, _hasCalls, _payload);
        return Frame(_payload.WrittenSpan);
    }

    /// <summary>The end of the stream, where a finish reason of ours had to come before it.</summary>
    public bool TryTakeEnd(out ChatStreamEvent end)
    {
        end = new(StreamEventKind.Done, SseFrame.Done, default);
        var isHeld = _isEndHeld;
        _isEndHeld = false;
        return isHeld;
    }

    private ChatStreamEvent Frame(ReadOnlySpan<byte> payload)
    {
        _output.ResetWrittenCount();
        SseFrame.Write(payload, _output);
        var raw = _output.WrittenMemory;
        var data = SseFrame.Payload(raw);
        return _scanner.TryScan(data.Span, out var shape, out _)
            ? new(StreamEventKind.Chunk, raw, data, shape)
            : throw new InvalidOperationException("A mended chunk must stay valid JSON.");
    }

    private static StreamLabels Labels(ReadOnlySpan<byte> data, ChunkShape shape) => new(
        shape.Id.IsPresent ? Encoding.UTF8.GetString(shape.Id.In(data)) : "\"\"",
        shape.Created.IsPresent ? Encoding.UTF8.GetString(shape.Created.In(data)) : "0",
        shape.Model.IsPresent ? Encoding.UTF8.GetString(shape.Model.In(data)) : "\"\"");
}

using System.Buffers;
using System.Text;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Makes the events of one stream what clients expect: every chunk has its labels, the first delta names the role, content is text, the finish reason is
/// one of OpenAI's and there is one. An event that is in order passes as it came. Not thread-safe.
/// </summary>
/// <param name="missing">What chunks without labels are given; null = the stream is no chat, and labels are left alone.</param>
internal sealed class StreamMending(AnswerLabels? missing)
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
    public ChatStreamEvent Mend(in ChatStreamEvent found) => found.Kind switch
    {
        StreamEventKind.Done when _hasDelta && !_isFinished => Finish(),
        StreamEventKind.Chunk when found.Shape.HasChoice => MendChoice(found),
        StreamEventKind.Chunk when missing is not null && !found.Shape.HasLabels => Rewrite(found, isFirst: false),
        _ => found,
    };

    /// <summary>The end of the stream, where a finish reason of ours had to come before it.</summary>
    public bool TryTakeEnd(out ChatStreamEvent end)
    {
        end = new(StreamEventKind.Done, SseFrame.Done, default);
        var isHeld = _isEndHeld;
        _isEndHeld = false;
        return isHeld;
    }

    private ChatStreamEvent Finish()
    {
        _isEndHeld = true;
        _isFinished = true;
        return Frame(new ChunkComposer(_labels ?? new("\"\"", "0", "\"\"")).Finish(FinishReasons.Of(reason: null, _hasCalls)));
    }

    private ChatStreamEvent MendChoice(in ChatStreamEvent found)
    {
        var shape = found.Shape;
        var isSilent = missing is not null && shape is { Delta.IsAbsent: true, FinishReason.IsAbsent: true, HasOtherChoices: false };
        if (isSilent && shape.Usage.IsAbsent)
        {
            // Annotations of a filter, say: clients take a choice for one with a delta.
            return new(StreamEventKind.Comment, found.Raw, default);
        }

        var isFirst = !_hasDelta && shape.Delta.IsPresent;
        _hasDelta |= isFirst;
        _hasCalls |= shape.ToolCalls.IsPresent;
        _isFinished |= shape.FinishReason.IsPresent;
        HasAnswer |= shape.Content.IsPresent || shape.ReasoningContent.IsPresent || shape.Reasoning.IsPresent || shape.HasOtherVisible || shape.HasOtherChoices
            || shape.ThinkingBlocks.IsPresent || shape.FinishReason.IsPresent || (shape.Delta.IsAbsent && !isSilent);
        if (isFirst)
        {
            _labels ??= Labels(found);
        }

        var reason = shape.FinishReason.In(found.Data.Span);
        var isInOrder = !shape.NeedsMending && (shape.HasLabels || missing is null) && (!isFirst || shape.HasRole) && (reason.IsEmpty || FinishReasons.IsKnown(reason));

        // A failure is for whoever judges the call.
        return isInOrder || FinishReasons.IsFailure(reason) ? found : Rewrite(found, isFirst);
    }

    private ChatStreamEvent Rewrite(in ChatStreamEvent found, bool isFirst)
    {
        if (missing is not null)
        {
            _labels ??= Labels(found);
        }

        _payload.ResetWrittenCount();
        AnswerMending.Chunk(found.Data, isFirst, _hasCalls, missing is null ? null : _labels, _payload);
        return Frame(_payload.WrittenSpan);
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

    private StreamLabels Labels(in ChatStreamEvent found)
    {
        if (missing is not null && !found.Shape.HasLabels)
        {
            using var document = JsonReading.Document(found.Data);
            return missing.Of(document.RootElement);
        }

        var data = found.Data.Span;
        var shape = found.Shape;
        return new(
            shape.Id.IsPresent ? Encoding.UTF8.GetString(shape.Id.In(data)) : "\"\"",
            shape.Created.IsPresent ? Encoding.UTF8.GetString(shape.Created.In(data)) : "0",
            shape.Model.IsPresent ? Encoding.UTF8.GetString(shape.Model.In(data)) : "\"\"");
    }
}

using Synthwave.Chat.Events;
using Synthwave.Sse;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>A stream of chunks; what must be remembered of them goes to <paramref name="reasoning"/>, what chunks of a chat lack comes from <paramref name="missing"/>.</summary>
internal sealed class OpenAiEvents(Stream body, StreamedReasoning? reasoning, AnswerLabels? missing) : ProtocolEvents(body)
{
    private readonly ChunkScanner _scanner = new();
    private readonly StreamMending _mending = new(missing);

    public override EventReading Read()
    {
        if (_mending.TryTakeEnd(out var end))
        {
            Current = end;
            return EventReading.Event;
        }

        while (Events.TryRead())
        {
            if (Events.Kind is SseEventKind.Empty)
            {
                continue;
            }

            if (!_scanner.TryClassify(Events, out var found))
            {
                return Senseless;
            }

            if (IsBareError(found))
            {
                Current = new(StreamEventKind.Error, found.Raw, found.Data);
                return EventReading.Event;
            }

            Note(found);
            if (found.Kind is StreamEventKind.Done && !_mending.HasAnswer)
            {
                return EventReading.Malformed;
            }

            Current = _mending.Mend(found);
            return EventReading.Event;
        }

        if (Rest is EventReading.End)
        {
            reasoning?.End();
        }

        return Rest;
    }

    // An error that is no member "error". Looked for where something without choices comes ahead of the answer, for chunks of an answer have some; a message alone may
    // as well tell of progress.
    private bool IsBareError(in ChatStreamEvent found) =>
        found is { Kind: StreamEventKind.Chunk, Shape: { HasChoice: false, Usage.IsAbsent: true } } && !_mending.HasAnswer
        && ErrorDocument.Read(found.Data) is { IsError: true } error && (error.Status is not null || FaultWords.KindOf(error.Words) is not null);

    private void Note(in ChatStreamEvent found)
    {
        if (found.Kind is StreamEventKind.Chunk)
        {
            reasoning?.Take(found.Data.Span, found.Shape);
        }

        if (found.Kind is StreamEventKind.Done || found.Shape.FinishReason.IsPresent)
        {
            reasoning?.End();
        }
    }
}

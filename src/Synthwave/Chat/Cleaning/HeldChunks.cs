using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.Chat.Cleaning;

/// <summary>
/// Chunks of an answer that are not shown yet: those before its first visible piece, and text of which it is not decided whether it is reasoning. Owned copies,
/// in the order they came. Used by one stream.
/// </summary>
internal sealed class HeldChunks
{
    private readonly List<Held> _chunks = [];

    public int Count => _chunks.Count;

    /// <summary>Bytes of all that is held.</summary>
    public long Bytes { get; private set; }

    public void Clear()
    {
        _chunks.Clear();
        Bytes = 0;
    }

    /// <summary>Holds a copy.</summary>
    public void Add(in AnswerChunk chunk)
    {
        var source = chunk.Event;
        var raw = source.Raw.ToArray();

        // Joined data is no slice of the event it came in.
        var isSlice = source.Raw.Span.Overlaps(source.Data.Span, out var offset);
        var data = isSlice ? raw.AsMemory(offset, source.Data.Length) : source.Data.ToArray();
        Insert(_chunks.Count, new(new(source.Kind, raw, data, source.Shape), chunk.Kind is AnswerChunkKind.Undecided));
    }

    /// <summary>Lets everything go, in order; with <paramref name="keepsUndecided"/> all but the text that is not decided yet.</summary>
    public void MoveTo(Queue<ChatStreamEvent> ready, bool keepsUndecided)
    {
        foreach (var chunk in _chunks)
        {
            if (!chunk.IsUndecided || !keepsUndecided)
            {
                ready.Enqueue(chunk.Event);
                Bytes -= chunk.Event.Raw.Length;
            }
        }

        _chunks.RemoveAll(chunk => !chunk.IsUndecided || !keepsUndecided);
    }

    /// <summary>Takes the text out of all chunks, and the chunks that were nothing else away.</summary>
    public void RemoveText(AnswerChunkCleaner cleaner)
    {
        for (var i = _chunks.Count - 1; i >= 0; i--)
        {
            var chunk = _chunks[i].Event;
            if (chunk.Shape.Content.IsAbsent)
            {
                continue;
            }

            Bytes -= chunk.Raw.Length;
            _chunks.RemoveAt(i);
            if (chunk.Shape is { HasRole: true } or { FinishReason.IsPresent: true })
            {
                Insert(i, new(cleaner.WithoutText(chunk), IsUndecided: false));
            }
        }
    }

    /// <summary>Puts chunks of our own before the one with the finish reason, or behind all.</summary>
    /// <param name="payloads">Valid chunks as JSON.</param>
    public void InsertBeforeFinish(IEnumerable<byte[]> payloads)
    {
        var at = _chunks.FindIndex(static chunk => chunk.Event.Shape.FinishReason.IsPresent);
        at = at < 0 ? _chunks.Count : at;
        foreach (var payload in payloads)
        {
            if (!new ChunkScanner().TryScan(payload, out var shape, out _))
            {
                throw new InvalidOperationException("A composed chunk must be valid JSON.");
            }

            var raw = SseFrame.Wrap(payload);
            Insert(at++, new(new(StreamEventKind.Chunk, raw, SseFrame.Payload(raw), shape), IsUndecided: false));
        }
    }

    private void Insert(int at, Held chunk)
    {
        _chunks.Insert(at, chunk);
        Bytes += chunk.Event.Raw.Length;
    }

    private readonly record struct Held(ChatStreamEvent Event, bool IsUndecided);
}

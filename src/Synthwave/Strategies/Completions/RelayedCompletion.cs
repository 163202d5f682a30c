using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Sse;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Completions;

/// <summary>An upstream's stream of text completions as it came, but for the brand as <c>model</c>. Owns its source. Not thread-safe.</summary>
/// <param name="source">Nothing was read of it yet.</param>
/// <param name="upstream">Whose it is, for errors.</param>
/// <param name="brand">Null = the model's own name stays.</param>
internal sealed class RelayedCompletion(UpstreamStream source, string upstream, string? brand) : AnswerStream
{
    private bool _isFirstReady;

    public override ReadOnlyMemory<byte>? UsageChunk => null;

    public override StreamLabels Labels { get; } = new("\"cmpl-\"", "0", "\"\"");

    /// <summary>Reads up to the first event with content; false = the stream ended without one, and its source says why.</summary>
    public async ValueTask<bool> BeginAsync(CancellationToken cancellationToken)
    {
        StreamStep step;
        while ((step = Step()) is StreamStep.Pending)
        {
            await source.WaitAsync(cancellationToken);
        }

        return _isFirstReady = step is StreamStep.Event;
    }

    public override StreamStep Step()
    {
        if (_isFirstReady)
        {
            _isFirstReady = false;
            return StreamStep.Event;
        }

        while (true)
        {
            switch (source.Step())
            {
                case StreamStep.Pending:
                    return StreamStep.Pending;
                case StreamStep.End:
                    Failure = source.Fault?.ToGatewayError(upstream);
                    return StreamStep.End;
                case StreamStep.Event when source.Current.Kind is StreamEventKind.Chunk:
                    Current = Branded(source.Current);
                    return StreamStep.Event;
            }
        }
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => source.WaitAsync(cancellationToken);

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private ChatStreamEvent Branded(in ChatStreamEvent current)
    {
        if (brand is null)
        {
            return current;
        }

        var raw = SseFrame.Wrap(CompletionEditor.WithModel(current.Data, brand).Span);
        return current with { Raw = raw, Data = SseFrame.Payload(raw) };
    }
}

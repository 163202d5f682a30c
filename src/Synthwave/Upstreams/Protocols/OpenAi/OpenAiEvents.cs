using System.Runtime.CompilerServices;
using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>A stream of chat completion chunks.</summary>
internal sealed class OpenAiEvents(Stream body) : ProtocolEvents
{
    private readonly SseEventReader _reader = new(body);
    private readonly ChunkScanner _scanner = new();

    public override bool HasBuffered => _reader.HasBuffered;

    // Most events are in the buffer already: for them no state machine is set up.
    public override ValueTask<EventReading> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var reading = _reader.ReadAsync(cancellationToken);
            if (!reading.IsCompletedSuccessfully)
            {
                return ReadSlowlyAsync(reading, cancellationToken);
            }

            if (Judge(reading.Result) is { } judged)
            {
                return new(judged);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<EventReading> ReadSlowlyAsync(ValueTask<bool> reading, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Judge(await reading.ConfigureAwait(false)) is { } judged)
            {
                return judged;
            }

            reading = _reader.ReadAsync(cancellationToken);
        }
    }

    // Null = nothing to tell, read on.
    private EventReading? Judge(bool isEvent)
    {
        if (!isEvent)
        {
            return _reader.End switch
            {
                SseEnd.TooLarge => EventReading.TooLarge,
                SseEnd.Truncated => EventReading.Truncated,
                _ => EventReading.End,
            };
        }

        if (_reader.Kind == SseEventKind.Empty)
        {
            return null;
        }

        if (!_scanner.TryClassify(_reader, out var found))
        {
            return EventReading.Malformed;
        }

        Current = found;
        return EventReading.Event;
    }

    public override void Dispose() => _reader.Dispose();
}

using System.Runtime.CompilerServices;
using Synthwave.Chat;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>A stream of chat completion chunks.</summary>
internal sealed class OpenAiEvents(Stream body) : ProtocolEvents
{
    private readonly SseEventReader _reader = new(body);
    private readonly ChunkScanner _scanner = new();

    public override bool HasBuffered => _reader.HasBuffered;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<EventReading> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_reader.Kind == SseEventKind.Empty)
            {
                continue;
            }

            if (!_scanner.TryClassify(_reader, out var found))
            {
                return EventReading.Malformed;
            }

            Current = found;
            return EventReading.Event;
        }

        return _reader.End switch
        {
            SseEnd.TooLarge => EventReading.TooLarge,
            SseEnd.Truncated => EventReading.Truncated,
            _ => EventReading.End,
        };
    }

    public override void Dispose() => _reader.Dispose();
}

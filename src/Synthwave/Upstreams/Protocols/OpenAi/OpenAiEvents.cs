using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>A stream of chat completion chunks.</summary>
internal sealed class OpenAiEvents(Stream body) : ProtocolEvents(body)
{
    private readonly ChunkScanner _scanner = new();

    public override EventReading Read()
    {
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

            Current = found;
            return EventReading.Event;
        }

        return Rest;
    }
}

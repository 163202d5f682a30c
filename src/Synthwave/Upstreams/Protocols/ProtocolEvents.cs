using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.Upstreams.Protocols;

/// <summary>
/// A provider's event stream as chat events, without clocks and judgement. Reading never waits: <see cref="FillAsync"/> does. Not thread-safe. Disposing
/// returns buffers; the stream below stays open.
/// </summary>
/// <param name="body">The reply's body, read from its start.</param>
internal abstract class ProtocolEvents(Stream body) : IDisposable
{
    /// <summary>The event read last; valid until the next one is read or the next <see cref="FillAsync"/>.</summary>
    public ChatStreamEvent Current { get; protected set; }

    /// <summary>What the provider has said about the prompt so far, ahead of the end; null = nothing.</summary>
    public virtual TokenUsage? EarlyUsage => null;

    /// <summary>Bytes that have come and are not read, for a look at what they are; valid until the next call.</summary>
    public ReadOnlySpan<byte> Ahead => Events.Ahead;

    /// <summary>Bytes of memory held for what has come.</summary>
    public int Held => Events.Held;

    /// <summary>Before the first read: what is to be overwritten in all that comes, see <see cref="SseEventReader.Hidden"/>.</summary>
    public void Hide(ReadOnlyMemory<byte> bytes) => Events.Hidden = bytes;

    /// <summary>Nothing more will come.</summary>
    public bool IsAtEnd => Events.IsAtEnd;

    /// <summary>The provider's own events.</summary>
    protected SseEventReader Events { get; } = new(body);

    /// <summary>What to say when <see cref="Events"/> has no further event.</summary>
    protected EventReading Rest => Events.End switch
    {
        SseEnd.None => EventReading.Pending,
        SseEnd.TooLarge => EventReading.TooLarge,
        SseEnd.Truncated => EventReading.Truncated,
        _ => EventReading.End,
    };

    /// <summary>What to say of an event that makes no sense: the last one may have been cut.</summary>
    protected EventReading Senseless => Events.IsUnended ? EventReading.Truncated : EventReading.Malformed;

    /// <summary>Reads one event, if it is here.</summary>
    public abstract EventReading Read();

    /// <summary>Reads once from the network, after <see cref="EventReading.Pending"/>. Transport failures and cancellation surface as the stream's own exceptions.</summary>
    public ValueTask FillAsync(CancellationToken cancellationToken) => Events.FillAsync(cancellationToken);

    public void Dispose() => Events.Dispose();
}

/// <summary>What a read of an event stream came to.</summary>
internal enum EventReading
{
    /// <summary><see cref="ProtocolEvents.Current"/> holds an event.</summary>
    Event,

    /// <summary>The next event has not arrived yet, or not as a whole.</summary>
    Pending,

    /// <summary>The body ended between two events.</summary>
    End,

    /// <summary>The body ended inside an event.</summary>
    Truncated,

    /// <summary>An event over the limit.</summary>
    TooLarge,

    /// <summary>An event of which something must be kept that the request's memory has no room for.</summary>
    NoMemory,

    /// <summary>An event whose data is neither an object nor the end mark.</summary>
    Malformed,
}

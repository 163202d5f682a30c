using Synthwave.Chat.Events;

namespace Synthwave.Upstreams.Protocols;

/// <summary>A provider's event stream as chat events, without clocks and judgement. Not thread-safe. Disposing returns buffers; the stream below stays open.</summary>
internal abstract class ProtocolEvents : IDisposable
{
    /// <summary>The event read last; valid until the next read.</summary>
    public ChatStreamEvent Current { get; protected set; }

    /// <summary>Whether the next event can be had without waiting for the network.</summary>
    public abstract bool HasBuffered { get; }

    /// <summary>Reads one event. Transport failures and cancellation surface as the stream's own exceptions.</summary>
    public abstract ValueTask<EventReading> ReadAsync(CancellationToken cancellationToken);

    public abstract void Dispose();
}

/// <summary>What a read of an event stream came to.</summary>
internal enum EventReading
{
    /// <summary><see cref="ProtocolEvents.Current"/> holds an event.</summary>
    Event,

    /// <summary>The body ended between two events.</summary>
    End,

    /// <summary>The body ended inside an event.</summary>
    Truncated,

    /// <summary>An event over the limit.</summary>
    TooLarge,

    /// <summary>An event whose data is neither an object nor the end mark.</summary>
    Malformed,
}

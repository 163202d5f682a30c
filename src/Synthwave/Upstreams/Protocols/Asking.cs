using Synthwave.Chat.Bodies;
using Synthwave.Chat.Memory;

namespace Synthwave.Upstreams.Protocols;

/// <summary>Whom a reply answers, and what: what is remembered of it is kept for them alone. What is put together for that meanwhile is taken from the request's memory.</summary>
/// <param name="Conversation">As its client has it; null = nothing is remembered of the call.</param>
/// <param name="Owner">The print of the client's credential; null = it shows none.</param>
internal readonly record struct Asking(ChatBody? Conversation, string? Owner)
{
    private readonly MemoryShare? _memory;

    /// <summary>The request's.</summary>
    public MemoryShare Memory
    {
        get => _memory ?? MemoryShare.Uncounted;
        init => _memory = value;
    }
}

using Synthwave.Chat.Bodies;

namespace Synthwave.Upstreams.Protocols;

/// <summary>Whom a reply answers, and what: what is remembered of it is kept for them alone.</summary>
/// <param name="Conversation">As its client has it; null = nothing is remembered of the call.</param>
/// <param name="Owner">The print of the client's credential; null = it shows none.</param>
internal readonly record struct Asking(ChatBody? Conversation, string? Owner);

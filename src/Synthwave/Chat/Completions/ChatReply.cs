using Synthwave.Chat.Events;

namespace Synthwave.Chat.Completions;

/// <summary>What a strategy hands back: one of <see cref="CompleteReply"/>, <see cref="StreamReply"/>, <see cref="FailedReply"/>.</summary>
internal abstract record ChatReply;

/// <summary>A finished answer. <paramref name="Body"/> is the JSON document for the client, before brand and trace are added.</summary>
internal sealed record CompleteReply(int Status, ReadOnlyMemory<byte> Body) : ChatReply;

/// <summary>A committed stream: its first content is ready. The receiver disposes <paramref name="Stream"/>, which cancels the upstream call if it still runs.</summary>
internal sealed record StreamReply(AnswerStream Stream) : ChatReply;

/// <summary>
/// A failure. <paramref name="RelayedBody"/> is an upstream's own OpenAI-shaped error document, sent verbatim instead of the envelope where the
/// status is still free; null = the envelope.
/// </summary>
internal sealed record FailedReply(GatewayError Error, ReadOnlyMemory<byte>? RelayedBody = null) : ChatReply;

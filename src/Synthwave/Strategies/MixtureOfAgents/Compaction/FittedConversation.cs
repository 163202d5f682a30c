namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>A conversation made to fit a budget.</summary>
/// <param name="Messages">A <c>messages</c> array: the original bytes when everything fitted.</param>
/// <param name="Tokens">Its estimate.</param>
/// <param name="Dropped">Groups left out: a message, or a message with calls and its results.</param>
/// <param name="Shortened">Messages of which something was cut.</param>
internal sealed record FittedConversation(ReadOnlyMemory<byte> Messages, int Tokens, int Dropped, int Shortened);

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>One message of a <see cref="Conversation"/>: where it lies, what it is estimated to cost, and what in it can be shortened.</summary>
/// <param name="Start">Offset of its opening brace in the conversation's JSON.</param>
/// <param name="End">Behind its closing brace.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Tokens">Estimate, once for the conversation's lifetime.</param>
/// <param name="ContentBytes">UTF-8 bytes of its text as the estimate counts them.</param>
/// <param name="FirstText">Index of its first <see cref="MessageText"/>.</param>
/// <param name="TextCount">Texts that can be shortened.</param>
/// <param name="HasCalls">An assistant's message with tool calls or a function call.</param>
internal readonly record struct ConversationMessage(
    int Start, int End, MessageRole Role, int Tokens, int ContentBytes, int FirstText, int TextCount, bool HasCalls);

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>A conversation made to fit a window.</summary>
internal static class ConversationFit
{
    /// <summary>Fits the conversation into <paramref name="budget"/> estimated tokens; null when it is below <see cref="Conversation.LeastTokens"/>.</summary>
    public static FittedConversation? Fit(this Conversation conversation, int budget)
    {
        if (conversation.Tokens <= budget)
        {
            return new(conversation.Json, conversation.Tokens, 0, 0);
        }

        return budget < conversation.LeastTokens ? null : ConversationWriter.Write(conversation, HistoryWindow.Choose(conversation, budget));
    }
}

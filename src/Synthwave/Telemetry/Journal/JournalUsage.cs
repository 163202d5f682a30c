using Synthwave.Chat.Completions;

namespace Synthwave.Telemetry.Journal;

/// <summary>Tokens as upstreams reported them; null = they said nothing of it.</summary>
internal sealed record JournalUsage(long PromptTokens, long CompletionTokens, long TotalTokens, long? CachedTokens, long? ReasoningTokens)
{
    public static JournalUsage? Of(TokenUsage? usage) =>
        usage is null ? null : new(usage.PromptTokens, usage.CompletionTokens, usage.TotalTokens, usage.CachedTokens, usage.ReasoningTokens);
}

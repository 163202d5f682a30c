namespace Synthwave.Chat;

/// <summary>Tokens as one or more upstreams reported them (OpenAI's <c>usage</c> object). Absent details are null, never 0.</summary>
internal sealed record TokenUsage
{
    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    /// <summary>As reported; the sum of the two when the upstream gave none.</summary>
    public required long TotalTokens { get; init; }

    /// <summary><c>prompt_tokens_details.cached_tokens</c>.</summary>
    public long? CachedTokens { get; init; }

    /// <summary><c>completion_tokens_details.reasoning_tokens</c>.</summary>
    public long? ReasoningTokens { get; init; }

    public static TokenUsage operator +(TokenUsage left, TokenUsage right) => Add(left, right);

    /// <summary>Member-wise sum; a detail is null only when neither side has it.</summary>
    public static TokenUsage Add(TokenUsage left, TokenUsage right) => new()
    {
        PromptTokens = left.PromptTokens + right.PromptTokens,
        CompletionTokens = left.CompletionTokens + right.CompletionTokens,
        TotalTokens = left.TotalTokens + right.TotalTokens,
        CachedTokens = AddDetail(left.CachedTokens, right.CachedTokens),
        ReasoningTokens = AddDetail(left.ReasoningTokens, right.ReasoningTokens),
    };

    private static long? AddDetail(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);
}

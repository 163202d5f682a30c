using Synthwave.Chat.Completions;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Reports;

/// <summary>Usage times price.</summary>
internal static class CallCost
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>USD. Cached prompt tokens cost <see cref="PriceConfig.CachedInput"/>, or the full input price where none is configured.</summary>
    public static decimal Of(TokenUsage usage, PriceConfig price)
    {
        var cached = Math.Clamp(usage.CachedTokens ?? 0, 0, usage.PromptTokens);
        var input = ((usage.PromptTokens - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input));
        return (input + (usage.CompletionTokens * price.Output)) / TokensPerPrice;
    }
}

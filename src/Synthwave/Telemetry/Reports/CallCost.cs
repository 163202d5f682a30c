using Synthwave.Chat.Completions;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Reports;

/// <summary>Usage times price.</summary>
internal static class CallCost
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>
    /// USD, of all that was used: reasoning counts as output wherever its server counts it. Prompt tokens from the cache or into it cost
    /// <see cref="PriceConfig.CachedInput"/> and <see cref="PriceConfig.CacheWrite"/>, or the full input price where none is configured.
    /// </summary>
    public static decimal Of(TokenUsage usage, PriceConfig price)
    {
        var all = usage.InputTokens;
        var cached = Math.Clamp(usage.CachedTokens ?? 0, 0, all);
        var written = Math.Clamp(usage.CacheWriteTokens ?? 0, 0, all - cached);
        var input = ((all - cached - written) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (written * (price.CacheWrite ?? price.Input));
        return (input + (usage.OutputTokens * price.Output)) / TokensPerPrice;
    }
}

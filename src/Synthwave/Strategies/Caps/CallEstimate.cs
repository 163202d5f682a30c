using System.Globalization;
using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Caps;

/// <summary>What a call costs at worst: the whole prompt at the highest input price and as long an answer as it may give.</summary>
internal static class CallEstimate
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>A call with a prompt of so many estimated tokens that asks for at most <paramref name="maxTokens"/>; null = for no limit.</summary>
    public static CappedCall Of(IUpstream upstream, long promptTokens, int? maxTokens)
    {
        // What the upstream is known to count, if that is more: a cap rests on the worse of the two.
        var prompt = TokenEstimator.Clamp(promptTokens);
        var counted = Math.Max(prompt, upstream.Calibration.ToCounted(prompt));
        return new(upstream.Config.Name, WorstCaseUsd(upstream.Config, counted, OutputTokens(upstream.Config, maxTokens)));
    }

    /// <summary>USD; null = the upstream has no price.</summary>
    /// <param name="upstream">Who is called.</param>
    /// <param name="promptTokens">Estimate; cut to the upstream's window, which nothing larger fits into.</param>
    /// <param name="outputTokens">See <see cref="OutputTokens"/>.</param>
    public static decimal? WorstCaseUsd(UpstreamConfig upstream, long promptTokens, long outputTokens) => upstream.Price is { } price
        ? ((Math.Min(promptTokens, upstream.Context) * Math.Max(price.Input, Math.Max(price.CachedInput ?? 0, price.CacheWrite ?? 0))) + (outputTokens * price.Output)) / TokensPerPrice
        : null;

    /// <summary>The longest answer of <paramref name="upstream"/> when the body asks for <paramref name="asked"/> tokens; null = for no limit.</summary>
    public static long OutputTokens(UpstreamConfig upstream, int? asked) =>
        Overridden(upstream) ?? Math.Min(asked ?? upstream.MaxOutput, upstream.MaxOutput);

    /// <summary>The limit a composed body asks for; null = none.</summary>
    public static int? LimitIn(ChatBody body)
    {
        int? asked = null;
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (body.TryGet(name, out var value) && TryParse(Encoding.UTF8.GetString(value.Span), out var limit))
            {
                asked = Math.Max(asked ?? 0, limit);
            }
        }

        return asked;
    }

    // The operator's override is sent whatever the client asked.
    private static long? Overridden(UpstreamConfig upstream)
    {
        long? limit = null;
        foreach (var (name, json) in upstream.RequestOverrides)
        {
            if (name is "max_tokens" or "max_completion_tokens" && TryParse(json, out var value))
            {
                limit = Math.Max(limit ?? 0, value);
            }
        }

        return limit;
    }

    private static bool TryParse(string json, out int value) =>
        int.TryParse(json.AsSpan().Trim().Trim('"'), NumberStyles.Integer, CultureInfo.InvariantCulture, out value);
}

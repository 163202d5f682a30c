using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Simulation.Items;
using Synthwave.TestKit;

namespace Synthwave.Proof.Contracts;

/// <summary>One request with caps, drawn by seed and number. Null = not capped.</summary>
internal sealed record CappedRequest(long Number, string Route, bool Stream, int? MaxTokens, int? MaxCalls, decimal? MaxCostUsd, int? MaxLatencyMs)
{
    private const decimal CostStep = 0.0002m;

    private static readonly ImmutableArray<string> Routes = ["a", "cascade", "moa", "jury"];

    public static CappedRequest Draw(ulong seed, long number)
    {
        double U(int stream) => ItemDraw.Uniform(seed, number, stream);
        return new CappedRequest(
            number,
            Routes[ItemDraw.Index(seed, number, 0, Routes.Length)],
            Stream: U(1) < 0.4,
            MaxTokens: U(2) < 0.8 ? 1 + (int)(U(3) * 200) : null,
            MaxCalls: U(4) < 0.7 ? 1 + (int)(U(5) * 6) : null,
            MaxCostUsd: U(6) < 0.7 ? CostStep * (1 + (int)(Math.Pow(U(7), 3) * 400)) : null,
            MaxLatencyMs: U(8) < 0.05 ? 100 + (int)(U(9) * 2000) : null);
    }

    public string Body()
    {
        var caps = new[]
        {
            "\"trace\":true",
            MaxCalls is { } calls ? string.Create(CultureInfo.InvariantCulture, $"\"max_calls\":{calls}") : "",
            MaxCostUsd is { } usd ? string.Create(CultureInfo.InvariantCulture, $"\"max_cost_usd\":{usd}") : "",
            MaxLatencyMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"\"max_latency_ms\":{ms}") : "",
        };
        var limit = MaxTokens is { } tokens ? string.Create(CultureInfo.InvariantCulture, $"\"max_tokens\":{tokens},") : "";
        return ChatCall.Body(Route, SpendMeter.Prompt(Number), Stream, more: $"{limit}\"x_meta_model\":{{{string.Join(',', caps.Where(c => c.Length > 0))}}}");
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>How much a model is to think in one call, and what that does to the limit of its answer.</summary>
/// <param name="Wish">The <c>thinking</c> to send; null = it is not to think.</param>
/// <param name="MaxTokens">The limit of thoughts and answer together.</param>
internal sealed record AnthropicThinking(byte[]? Wish, int MaxTokens)
{
    private const int LeastBudget = 1024;

    /// <summary>Whether the model decides itself how much.</summary>
    public bool IsAdaptive => Wish.AsSpan().IndexOf("\"adaptive\""u8) > 0;

    /// <summary>
    /// The operator's setting rules, else the client's wish. The API refuses thinking beside a demanded tool call, after words put into the model's mouth, and
    /// in a tool loop whose thinking is not at hand: then the call is made without.
    /// </summary>
    /// <param name="body">The call's.</param>
    /// <param name="client">The client's <c>thinking</c>; undefined = it says nothing.</param>
    /// <param name="config">The upstream.</param>
    /// <param name="turns">The conversation.</param>
    /// <param name="isForced">A call is demanded.</param>
    public static AnthropicThinking Of(ChatBody body, JsonElement client, UpstreamConfig config, AnthropicTurns turns, bool isForced)
    {
        var options = config.Anthropic ?? new AnthropicOptions();
        var maxTokens = MostTokens(body, config);
        var isWanted = client.ValueKind is JsonValueKind.Object && !client.Is("type"u8, "disabled"u8);
        var isAdaptive = options.Thinking is "adaptive" || (options.Thinking is null && isWanted && !client.Is("type"u8, "enabled"u8));
        var isSet = options.Thinking is "adaptive" or "enabled";
        if (!(isSet || (options.Thinking is null && isWanted)) || isForced || turns.EndsWithAssistant || (!isAdaptive && turns.ContinuesWithoutThinking))
        {
            return new(null, maxTokens);
        }

        return !isSet ? new(client.Raw().ToArray(), WithRoom(client, maxTokens, config))
            : isAdaptive ? new("{\"type\":\"adaptive\"}"u8.ToArray(), maxTokens)
            : Budgeted(options.BudgetTokens ?? BudgetOf(EffortOf(body)) ?? Math.Max(LeastBudget, maxTokens / 2), maxTokens, config);
    }

    /// <summary>As a chat client wishes it; null = it says nothing.</summary>
    public static string? EffortOf(ChatBody body) => body.TryGet("reasoning_effort", out var json) && json.Length > 2 && json.Span[0] == '"' ? JsonText.Unescape(json.Span[1..^1]) : null;

    private static int MostTokens(ChatBody body, UpstreamConfig config)
    {
        var asked = Number("max_tokens") ?? Number("max_completion_tokens") ?? config.MaxOutput;
        return Math.Max(1, config.ClampMaxTokens ? Math.Min(asked, config.MaxOutput) : asked);

        int? Number(string name) => body.TryGet(name, out var json) && int.TryParse(json.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : null;
    }

    // The limit must be above what the client lets it think.
    private static int WithRoom(JsonElement client, int maxTokens, UpstreamConfig config) =>
        client.Has("budget_tokens"u8, JsonValueKind.Number, out var asked) && asked.TryGetInt32(out var tokens) && maxTokens <= tokens
            ? Math.Max(maxTokens, Math.Min(tokens + LeastBudget, Math.Max(config.MaxOutput, tokens + 1)))
            : maxTokens;

    // Within what the model can write, with room left for the answer.
    private static AnthropicThinking Budgeted(int wanted, int maxTokens, UpstreamConfig config)
    {
        var budget = Math.Max(LeastBudget, Math.Min(wanted, config.MaxOutput - LeastBudget));
        var wish = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}"));
        return new(wish, maxTokens > budget ? maxTokens : budget + LeastBudget);
    }

    private static int? BudgetOf(string? effort) => effort switch
    {
        "low" => 2048,
        "medium" => 8192,
        "high" => 16_384,
        "xhigh" => 32_768,
        _ => null,
    };
}

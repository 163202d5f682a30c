using System.Collections.Immutable;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>An answer cut into tokens, each already a quoted JSON string in UTF-8. Immutable, shared by all calls that get the same answer.</summary>
internal sealed class PreparedAnswer
{
    private PreparedAnswer()
    {
    }

    public string? Text { get; private init; }

    public string? Reasoning { get; private init; }

    public required ImmutableArray<byte[]> TextTokens { get; init; }

    public required ImmutableArray<byte[]> ReasoningTokens { get; init; }

    public required ImmutableArray<SimulatedToolCall> ToolCalls { get; init; }

    /// <summary>The argument tokens of each tool call.</summary>
    public required ImmutableArray<ImmutableArray<byte[]>> ArgumentTokens { get; init; }

    public required string FinishReason { get; init; }

    /// <summary>Null = counted.</summary>
    public SimulatedUsage? Usage { get; private init; }

    public required TimeSpan FirstTokenDelay { get; init; }

    public required double TokensPerSecond { get; init; }

    public bool NullRoleContent { get; private init; }

    public SimulatedReplay? Replay { get; private init; }

    /// <summary>Overrides the model's; null = the model's, if it strikes.</summary>
    public SimulatedFault? Fault { get; private init; }

    public int Tokens => ReasoningTokens.Length + TextTokens.Length + ArgumentTokens.Sum(a => a.Length);

    public static PreparedAnswer From(SimulatedModel model, SimulatedAnswer answer)
    {
        var calls = answer.ToolCalls ?? model.ToolCalls;
        var reasoning = answer.Reasoning ?? model.Reasoning;
        return new PreparedAnswer
        {
            Text = answer.Text,
            Reasoning = reasoning,
            TextTokens = Cut(answer.Text),
            ReasoningTokens = Cut(reasoning),
            ToolCalls = calls,
            ArgumentTokens = [.. calls.Select(c => Cut(c.Arguments))],
            FinishReason = answer.FinishReason ?? (calls.IsEmpty ? "stop" : "tool_calls"),
            Usage = answer.Usage ?? model.Usage,
            FirstTokenDelay = answer.FirstTokenDelay ?? model.FirstTokenDelay,
            TokensPerSecond = answer.TokensPerSecond ?? model.TokensPerSecond,
            NullRoleContent = model.NullRoleContent || (string.IsNullOrEmpty(answer.Text) && !calls.IsEmpty),
            Replay = answer.Replay,
            Fault = answer.Fault,
        };
    }

    /// <summary>The same answer cut off after <paramref name="maxTokens"/>, reasoning counted, as a real model would be.</summary>
    public PreparedAnswer Capped(int? maxTokens)
    {
        if (maxTokens is not { } max || Tokens <= max)
        {
            return this;
        }

        var reasoning = ReasoningTokens.Length <= max ? ReasoningTokens : ReasoningTokens[..max];
        var left = max - reasoning.Length;
        var text = TextTokens.Length <= left ? TextTokens : TextTokens[..left];
        return new PreparedAnswer
        {
            Text = Text is null ? null : Join(text),
            Reasoning = Reasoning is null ? null : Join(reasoning),
            TextTokens = text,
            ReasoningTokens = reasoning,
            ToolCalls = [],
            ArgumentTokens = [],
            FinishReason = "length",
            Usage = Usage,
            FirstTokenDelay = FirstTokenDelay,
            TokensPerSecond = TokensPerSecond,
            NullRoleContent = NullRoleContent,
            Replay = Replay,
            Fault = Fault,
        };
    }

    private static ImmutableArray<byte[]> Cut(string? text) => text is null ? [] : [.. TokenSplitter.Split(text).Select(t => JsonText.Quote(t))];

    private static string Join(ImmutableArray<byte[]> tokens) => string.Concat(tokens.Select(t => JsonText.Unescape(t.AsSpan(1..^1))));
}

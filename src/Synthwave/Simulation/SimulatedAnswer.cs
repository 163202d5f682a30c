using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>What a responder answers. Everything left null is taken from the <see cref="SimulatedModel"/>.</summary>
internal sealed record SimulatedAnswer
{
    /// <summary>Null = no text: <c>content: null</c>.</summary>
    public string? Text { get; init; }

    public string? Reasoning { get; init; }

    public ImmutableArray<SimulatedToolCall>? ToolCalls { get; init; }

    public SimulatedUsage? Usage { get; init; }

    /// <summary>Null = <c>tool_calls</c>, <c>length</c> or <c>stop</c>, as it happens.</summary>
    public string? FinishReason { get; init; }

    public TimeSpan? FirstTokenDelay { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <summary>Strikes this call whatever its number.</summary>
    public SimulatedFault? Fault { get; init; }

    /// <summary>Sent instead of everything above: a recorded reply, or one no other setting can make.</summary>
    public SimulatedReplay? Replay { get; init; }

    public static SimulatedAnswer Of(string text) => new() { Text = text };
}

/// <summary>A function call in an answer.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">JSON text, sent as it is.</param>
/// <param name="Id">Null = numbered by the server.</param>
internal sealed record SimulatedToolCall(string Name, string Arguments, string? Id = null);

/// <summary>A reply byte for byte. Each portion reaches the client on its own: it is flushed, and the next one waits for the pause.</summary>
internal sealed record SimulatedReplay(int Status, string ContentType, ImmutableArray<ReadOnlyMemory<byte>> Portions)
{
    public TimeSpan Pause { get; init; }
}

/// <summary>Tokens.</summary>
internal sealed record SimulatedUsage(int PromptTokens, int CompletionTokens);

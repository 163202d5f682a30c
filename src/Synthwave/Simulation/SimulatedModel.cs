using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>
/// One scripted model of a <see cref="SimulatedServer"/>. Immutable; what changes from call to call (the turn, the number of calls) is kept by the server.
/// Not meant to be compared: the arrays compare by reference.
/// </summary>
internal sealed record SimulatedModel
{
    /// <summary>What a request's <c>model</c> must say, and what the answer says.</summary>
    public required string Id { get; init; }

    /// <summary>Answers in turn: call 1 gets the first, and after the last it starts over. Never empty. Not used when <see cref="Responder"/> is set.</summary>
    public ImmutableArray<string> Texts { get; init; } = ["This is a simulated answer."];

    /// <summary>Computes the answer from the request. Called once a request, from any thread; must not block.</summary>
    public Func<SimulatedRequest, SimulatedAnswer>? Responder { get; init; }

    /// <summary>Sent as <c>reasoning_content</c> before the text; null = none.</summary>
    public string? Reasoning { get; init; }

    public ImmutableArray<SimulatedToolCall> ToolCalls { get; init; } = [];

    /// <summary>The role chunk says <c>content: null</c>, as some servers do; otherwise only where the answer has tool calls and no text.</summary>
    public bool NullRoleContent { get; init; }

    /// <summary>Null = the answer's tokens, and for the prompt a quarter of the body's bytes.</summary>
    public SimulatedUsage? Usage { get; init; }

    /// <summary>From the request's arrival to its first token; part of a buffered answer's time too.</summary>
    public TimeSpan FirstTokenDelay { get; init; }

    /// <summary>Rate after the first token; 0 = everything at once. A buffered answer takes as long as its stream would.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Whether <c>GET /v1/models</c> names it. It can be called in any case.</summary>
    public bool Listed { get; init; } = true;

    /// <summary>Reported as <c>context_length</c> in the catalog; null = not reported.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Null = it always answers.</summary>
    public SimulatedFault? Fault { get; init; }

    /// <summary>A model that says <paramref name="texts"/> in turn, at once.</summary>
    public static SimulatedModel Saying(string id, params string[] texts) => new() { Id = id, Texts = [.. texts] };

    /// <summary>A model that answers with what <paramref name="responder"/> makes of the request.</summary>
    public static SimulatedModel Answering(string id, Func<SimulatedRequest, SimulatedAnswer> responder) => new() { Id = id, Responder = responder };
}

using Synthwave.Chat.Bodies;

namespace Synthwave.Chat.Requests;

/// <summary>A request for the continuation of a text, for an upstream that has such: its body goes out as it came. Immutable.</summary>
internal sealed record CompletionsRequest
{
    public required ChatBody Body { get; init; }

    /// <summary>As typed.</summary>
    public required string Model { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether it asks for what no chat can give.</summary>
    public bool IsBeyondChat { get; init; }

    /// <summary>Estimate for all prompts.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Most completions that are written, for all prompts together.</summary>
    public int Choices { get; init; } = 1;

    public RequestExtension Extension { get; init; } = RequestExtension.None;
}

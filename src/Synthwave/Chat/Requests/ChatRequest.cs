using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;

namespace Synthwave.Chat.Requests;

/// <summary>A validated chat request: its body, normalised, and the facts one forward read found. Immutable.</summary>
internal sealed record ChatRequest
{
    /// <summary>Legacy function members already promoted, empty lists and nulls among the tool members removed; <c>x_meta_model</c>, <c>stream</c> and <c>stream_options</c> still as sent.</summary>
    public required ChatBody Body { get; init; }

    /// <summary>As typed; may be empty.</summary>
    public required string Model { get; init; }

    public bool Stream { get; init; }

    /// <summary><c>stream_options.include_usage</c>.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary><c>max_tokens</c> or <c>max_completion_tokens</c>, whichever is given.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>What the message parts need a model to read.</summary>
    public Modalities Modalities { get; init; } = Modalities.Text;

    /// <summary>The same of the newest turn alone: the last run of user messages and all behind it, calls and tool results included.</summary>
    public Modalities NewestModalities { get; init; } = Modalities.Text;

    /// <summary>
    /// What an upstream may know and the gateway does not, as the refusal of whoever would have to understand it; null = nothing. Who only passes the body on
    /// leaves it to the upstream.
    /// </summary>
    public GatewayError? Foreign { get; init; }

    /// <summary><see cref="Foreign"/> is about tools alone, so that nothing is lost with them where nobody is sent tools.</summary>
    public bool OnlyToolsAreForeign { get; init; }

    /// <summary>Some of the tools are none that the gateway knows: so may be what is called.</summary>
    public bool HasForeignTools { get; init; }

    /// <summary>Anthropic's models are given tools that no chat has, so that their calls may have names that are declared nowhere.</summary>
    public bool HasOwnTools { get; init; }

    /// <summary>A non-empty <c>tools</c> after normalisation.</summary>
    public bool HasTools { get; init; }

    public ToolChoice ToolChoice { get; init; } = ToolChoice.Absent;

    /// <summary>The function a specific <c>tool_choice</c> names.</summary>
    public string? ForcedTool { get; init; }

    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>The client sent <c>functions</c> or <c>function_call</c> and reads its answer in that form.</summary>
    public bool UsesLegacyFunctions { get; init; }

    /// <summary>Some message is a tool result or carries tool calls.</summary>
    public bool HasToolHistory { get; init; }

    /// <summary>The client asked to see the model's reasoning, and reads it as blocks it sends back: a dialect sets this.</summary>
    public bool WantsReasoning { get; init; }

    /// <summary>What a dialect left out on the way to this request because no chat model could use it: names as the client wrote them.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];

    public RequestExtension Extension { get; init; } = RequestExtension.None;

    /// <summary>Estimate for all messages (informational): see the token estimator.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Estimate for the tool schema, 0 without tools.</summary>
    public int ToolsTokens { get; init; }

    /// <summary><c>x_meta_model.profile</c> if non-empty, else <see cref="Model"/>.</summary>
    public string Target => string.IsNullOrEmpty(Extension.Profile) ? Model : Extension.Profile;
}

internal enum ToolChoice { Absent, None, Auto, Required, Specific }

/// <summary>The request's <c>x_meta_model</c> object.</summary>
internal sealed record RequestExtension
{
    public static RequestExtension None { get; } = new();

    public string? Profile { get; init; }

    public bool Trace { get; init; }

    public int? MaxCalls { get; init; }

    public decimal? MaxCostUsd { get; init; }

    public int? MaxLatencyMs { get; init; }
}

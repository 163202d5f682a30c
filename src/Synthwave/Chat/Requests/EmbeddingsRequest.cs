using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;

namespace Synthwave.Chat.Requests;

/// <summary>A validated embeddings request. Immutable.</summary>
internal sealed record EmbeddingsRequest
{
    public required ChatBody Body { get; init; }

    /// <summary>As typed; may be empty.</summary>
    public required string Model { get; init; }

    /// <summary>Vectors the answer must hold; null = at least one: the inputs are in a form whose number is the upstream's to say.</summary>
    public required int? Inputs { get; init; }

    /// <summary>Whether <paramref name="vectors"/> are as many as were asked for.</summary>
    public bool IsAnsweredBy(int? vectors) => Inputs is { } asked ? vectors == asked : vectors > 0;

    /// <summary>Estimate for all inputs.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>The form the vectors were asked in; null = one that is for the upstream to know.</summary>
    public VectorForm? Form { get; init; }

    public RequestExtension Extension { get; init; } = RequestExtension.None;

    /// <summary><c>x_meta_model.profile</c> if non-empty, else <see cref="Model"/>.</summary>
    public string Target => string.IsNullOrEmpty(Extension.Profile) ? Model : Extension.Profile;
}

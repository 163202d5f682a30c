namespace Synthwave.Routing.Names;

/// <summary>What a callable name promises to clients.</summary>
internal sealed record ModelCapabilities
{
    /// <summary>Context window, tokens; never negative.</summary>
    public required int MaxModelLength { get; init; }

    public required bool FunctionCalling { get; init; }

    public required bool Thinking { get; init; }

    public required bool ReasoningVisible { get; init; }

    public required bool Vision { get; init; }

    public required bool Video { get; init; }

    public required bool Audio { get; init; }

    public bool EffectiveImageCapability => Vision;

    /// <summary>Whether any endpoint for images can call functions.</summary>
    public required bool SupportsImageTools { get; init; }
}

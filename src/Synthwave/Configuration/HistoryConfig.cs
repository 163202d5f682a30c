namespace Synthwave.Configuration;

/// <summary><c>[history]</c>: what is kept of requests that are over.</summary>
internal sealed record HistoryConfig
{
    /// <summary>Whether prompts and answers are kept too.</summary>
    public bool Content { get; init; }
}

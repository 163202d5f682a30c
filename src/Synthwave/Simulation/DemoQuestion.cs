using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>What the demo's models say to one question.</summary>
internal sealed record DemoQuestion
{
    /// <summary>As the demo suggests it; empty = every question nobody wrote texts for.</summary>
    public required string Ask { get; init; }

    /// <summary>Everything it is recognised by: <see cref="Ask"/> and other ways to ask it.</summary>
    public required ImmutableArray<QuestionWords> Forms { get; init; }

    /// <summary>Of each group one word must be there, or it is another question.</summary>
    public required ImmutableArray<ImmutableArray<string>> Needs { get; init; }

    /// <summary>By model id.</summary>
    public required ImmutableDictionary<string, string> Drafts { get; init; }

    public required string Synthesis { get; init; }

    /// <summary>By model id, what only its draft has and the synthesis kept.</summary>
    public required ImmutableDictionary<string, string> Only { get; init; }

    /// <summary>By model id, true = yes; empty where the question has no yes or no.</summary>
    public required ImmutableDictionary<string, bool> Votes { get; init; }
}

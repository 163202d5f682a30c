namespace Synthwave.Proof.Hostile;

/// <summary>How one input ended.</summary>
/// <param name="Outcome">One of few words, to be counted.</param>
/// <param name="Problem">What must not be; null = all is well. Up to its first line break it is the kind that problems are counted by.</param>
/// <param name="Input">What was sent, for the report.</param>
internal readonly record struct Ending(string Outcome, string? Problem, ReadOnlyMemory<byte> Input)
{
    /// <summary>What stands for <see cref="Input"/> where it is no bytes.</summary>
    public string? Made { get; init; }
}

namespace Synthwave.Api.Dialects.Responses;

/// <summary>What a request asks of the way its answer is told.</summary>
/// <param name="Tools">By what a chat model calls them; null = nobody declared it.</param>
/// <param name="LogProbabilities">Deltas are looked through for them.</param>
/// <param name="SealedReasoning">Reasoning is given as <c>encrypted_content</c> too.</param>
/// <param name="SummarizedReasoning">Reasoning is given as a summary, the only form in which clients that ask for one look for it.</param>
internal sealed record ResponseWishes(Func<string, ResponseTool?> Tools, bool LogProbabilities, bool SealedReasoning, bool SummarizedReasoning)
{
    public static ResponseWishes None { get; } = new(static _ => null, false, false, false);
}

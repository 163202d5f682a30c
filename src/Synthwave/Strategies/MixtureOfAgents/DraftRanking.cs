using System.Collections.Immutable;
using Synthwave.Chat.Tools;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// The draft to answer with when nobody combines them: one that keeps the request's tool contract, is the JSON
/// that was asked for, with text rather than none, not cut off, written rather
/// than rescued, most like the others, then config order.
/// </summary>
internal static class DraftRanking
{
    /// <summary>Words compared per draft.</summary>
    private const int MostWords = 4000;

    public static Draft Best(ImmutableArray<Draft> drafts, ToolContract contract)
    {
        var words = drafts.Select(Words).ToArray();
        return drafts
            .Select((draft, i) => (draft, closeness: words.Where((_, j) => j != i).Sum(other => Similarity(words[i], other))))
            .OrderBy(x => contract.Judge(x.draft.Calls) is not ContractBreach.None)
            .ThenBy(x => x.draft.IsOutOfForm)
            .ThenBy(x => string.IsNullOrWhiteSpace(x.draft.Visible) && x.draft.Calls.IsEmpty)
            .ThenBy(x => x.draft.IsRescued)
            .ThenBy(x => x.draft.FinishReason is not (null or "stop" or "tool_calls" or "function_call"))
            .ThenByDescending(x => x.closeness)
            .First().draft;
    }

    private static HashSet<string> Words(Draft draft) =>
        [.. draft.Signature.Content.ToLowerInvariant().Split(' ').Take(MostWords).Select(w => w.Trim('.', ',', ';', ':', '!', '?', '(', ')', '"'))];

    // Jaccard index: shared words over all words.
    private static double Similarity(HashSet<string> left, HashSet<string> right)
    {
        var shared = left.Count(right.Contains);
        return (double)shared / (left.Count + right.Count - shared);
    }
}

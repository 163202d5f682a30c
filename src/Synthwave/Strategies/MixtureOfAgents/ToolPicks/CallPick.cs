using System.Collections.Immutable;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;

namespace Synthwave.Strategies.MixtureOfAgents.ToolPicks;

/// <summary>Chooses among the calls of several drafts, without a model.</summary>
internal static class CallPick
{
    /// <summary>
    /// Whether drafts would rather call than write: more of them call, or as many. A tie goes to the call, since a client that runs tools can still have
    /// its text one turn later, but not the other way round.
    /// </summary>
    public static bool WantsCall(IReadOnlyList<ImmutableArray<ToolCall>> drafts, ToolContract contract) => contract.Choice switch
    {
        ToolChoice.None => false,
        ToolChoice.Auto => drafts.Count(static d => !d.IsEmpty) is > 0 and var callers && callers * 2 >= drafts.Count,
        _ => true,
    };

    /// <summary>
    /// The draft whose calls, trimmed, keep the contract and are made most often; where none is made more often, the one that agrees with the others in
    /// most of its arguments; between equals the earliest. Calls whose arguments cannot be read count only when there are no others. Under <c>auto</c>
    /// the drafts first vote on whether to call at all. Null = nobody keeps the contract.
    /// </summary>
    /// <remarks>
    /// Arguments vote, but are never put together: a path from one draft with a content from another would be a call that no model made.
    /// </remarks>
    public static int? Choose(IReadOnlyList<ImmutableArray<ToolCall>> drafts, ToolContract contract)
    {
        var wantsCall = WantsCall(drafts, contract);
        var able = drafts
            .Select((calls, index) => (calls: contract.Trim(calls), index))
            .Where(d => d.calls.IsEmpty != wantsCall && contract.Judge(d.calls) is ContractBreach.None)
            .ToArray();
        var readable = able.Where(static d => d.calls.All(static c => c.HasValidArguments)).ToArray();
        var groups = (readable.Length > 0 ? readable : able).GroupBy(static d => CallSignature.Of(d.calls)).Select(static g => g.ToArray()).ToArray();
        if (groups.Length == 0)
        {
            return null;
        }

        var most = groups.Max(static g => g.Length);
        var leading = groups.Where(g => g.Length == most).ToArray();
        if (leading.Length == 1 || !wantsCall)
        {
            return leading[0][0].index;
        }

        var ballots = groups.Select(static g => (Said: CallArguments.Of(g[0].calls), Votes: g.Length)).ToArray();
        return leading
            .OrderByDescending(g => CallArguments.Of(g[0].calls) is var said ? ballots.Sum(b => b.Votes * CallArguments.Similarity(said, b.Said)) : 0)
            .ThenBy(static g => g[0].index)
            .First()[0].index;
    }
}

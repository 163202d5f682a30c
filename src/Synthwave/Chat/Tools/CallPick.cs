using System.Collections.Immutable;

namespace Synthwave.Chat.Tools;

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
    /// The draft whose calls, trimmed, keep the contract and are made most often; between equals the earliest. Calls whose arguments cannot be read count
    /// only when there are no others. Under <c>auto</c> the drafts first vote on whether to call at all. Null = nobody keeps the contract.
    /// </summary>
    public static int? Choose(IReadOnlyList<ImmutableArray<ToolCall>> drafts, ToolContract contract)
    {
        var wantsCall = WantsCall(drafts, contract);
        var able = drafts
            .Select((calls, index) => (calls: contract.Trim(calls), index))
            .Where(d => d.calls.IsEmpty != wantsCall && contract.Judge(d.calls) is ContractBreach.None)
            .ToArray();
        var readable = able.Where(static d => d.calls.All(static c => c.HasValidArguments)).ToArray();
        return (readable.Length > 0 ? readable : able)
            .GroupBy(static d => CallSignature.Of(d.calls))
            .OrderByDescending(static g => g.Count())
            .ThenBy(static g => g.First().index)
            .Select(static g => (int?)g.First().index)
            .FirstOrDefault();
    }
}

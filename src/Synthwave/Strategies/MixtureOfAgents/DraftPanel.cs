using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Strategies.MixtureOfAgents.ToolPicks;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>The drafts of one request and what can be decided from them without a model. Immutable.</summary>
internal sealed class DraftPanel(ImmutableArray<Draft> drafts, ToolContract contract)
{
    private readonly ImmutableArray<ToolCall>[] _calls = [.. drafts.Select(static d => d.Calls)];

    /// <summary>In config order; at least one.</summary>
    public ImmutableArray<Draft> Drafts => drafts;

    public ToolContract Contract => contract;

    /// <summary>The answer has to be a call, or the drafts voted for one.</summary>
    public bool WantsCall => CallPick.WantsCall(_calls, contract);

    /// <summary>The drafts that would write. Where writing won the vote there is at least one.</summary>
    public DraftPanel Writers => new([.. drafts.Where(static d => d.Calls.IsEmpty)], contract);

    /// <summary>The drafts that are what was asked for, where JSON was; all, where none is.</summary>
    public DraftPanel InForm => drafts.Any(static d => d.IsOutOfForm) && drafts.Any(static d => !d.IsOutOfForm) ? new([.. drafts.Where(static d => !d.IsOutOfForm)], contract) : this;

    public bool AllAgree => drafts.All(d => d.Signature == drafts[0].Signature);

    public bool Keeps(Draft draft) => contract.Judge(draft.Calls) is ContractBreach.None;

    /// <summary>The draft with the calls most drafts make; null = none keeps the contract.</summary>
    public Draft? Pick() => CallPick.Choose(_calls, contract) is { } index ? drafts[index] : null;

    public Draft Best() => DraftRanking.Best(drafts, contract);

    /// <summary>Why no draft could be picked.</summary>
    public GatewayError NothingFits(bool wasUndeclared = false)
    {
        var reason = wasUndeclared ? "undeclared_tool_unrepairable"
            : contract.Choice is ToolChoice.Required ? "tool_required_unmet"
            : "tool_choice_unmet";
        return new(502, "synthesis_failed", $"{reason}: neither a draft nor the synthesis made the call that tool_choice asks for.");
    }
}

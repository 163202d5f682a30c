using System.Collections.Immutable;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Cascade;

/// <summary>
/// Members are tried in order until one gives a usable answer.
/// <code>
/// request ──► a ──(fault, blank)──► b ──(fault, blank)──► c ──► exhausted
///             └─ committed          └─ committed          └─ committed
/// </code>
/// </summary>
internal sealed class CascadeStrategy(CascadeProfileConfig profile, ImmutableArray<IUpstream> members) : IStrategy
{
    private readonly InOrderRules _rules = RulesOf(profile);

    public StrategyKind Kind => CascadeKind.Instance;

    public static CascadeStrategy Of(CascadeProfileConfig profile, Func<string, IUpstream> upstream) => new(profile, [.. profile.Upstreams.Select(upstream)]);

    /// <summary>The loop's rules as the profile sets them, whatever is asked of its members.</summary>
    public static InOrderRules RulesOf(CascadeProfileConfig profile) => new(profile.AttemptTimeout, profile.RotateOnClientError);

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var attempts = new Attempts();
        dispatch.Report.CascadeTried = attempts.Tried;
        var reply = await ChatInOrder.RunAsync(members, _rules, attempts, turn => PolicyOf(turn, dispatch), dispatch, cancellationToken);
        CascadeExhaustion.Note(dispatch.Report, attempts);
        return reply ?? new FailedReply(CascadeExhaustion.ToError(attempts, profile.Structured502));
    }

    private AnswerPolicy PolicyOf(Turn turn, Dispatch dispatch)
    {
        var rescue = profile.Rescue is RescuePolicy.Always || (profile.Rescue is RescuePolicy.Last && turn.IsLast);
        return dispatch.PolicyFor(turn.Member.Config, dispatch.ShowsReasoning(profile.ExposeReasoning), rescue);
    }
}

using System.Collections.Immutable;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Cascade;

/// <summary>
/// Members are tried in order until one gives a usable answer.
/// <code>
/// request ──► a ──(fault, blank)──► b ──(fault, blank)──► c ──► exhausted
///             └─ committed          └─ committed          └─ committed
/// </code>
/// Each attempt gets its share of the deadline. A 400 or 422 ends the cascade: the request is at fault, not the member. While
/// another member remains, an answer that breaks the request's tool contract (an undeclared call, a demanded call not made) is none either.
/// </summary>
internal sealed class CascadeStrategy(CascadeProfileConfig profile, ImmutableArray<IUpstream> members) : IStrategy
{
    private static readonly TimeSpan LeastAttempt = TimeSpan.FromSeconds(1);

    public string Name => "cascade";

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        report.CompactedN = 0;
        report.PromptTokensIn = report.PromptTokensOut = dispatch.PromptTokens;
        report.ToolsTokens = dispatch.Request.ToolsTokens;

        var plan = CascadePlan.Order(members, dispatch);
        var caps = CapPlanner.Sequence(dispatch.Caps, [.. plan.Members.Select(m => dispatch.CallTo(m, dispatch.Request.ToolsTokens))]);
        if (dispatch.Adopt(caps) is { } refusal)
        {
            return refusal;
        }

        plan = plan with { Members = [.. caps.Members.Select(i => plan.Members[i])] };
        var failures = new CascadeFailures(plan.Skipped);
        var tried = new List<string>(plan.Members.Length);
        report.CascadeTried = tried;
        for (var i = 0; i < plan.Members.Length; i++)
        {
            if (dispatch.Deadline.IsOver)
            {
                failures.AddDeadline();
                break;
            }

            var member = plan.Members[i];
            var isLast = i == plan.Members.Length - 1;
            tried.Add(member.Config.Name);
            var attempt = await TryAsync(member, isLast, plan.Members.Length - i, dispatch, cancellationToken);
            if (attempt.Reply is { } reply)
            {
                report.CascadeWinner = member.Config.Name;
                report.CascadeAttempts = failures.Attempts;
                return reply;
            }

            failures.Add(member.Config.Name, attempt.Fault!);
            if (!profile.RotateOnClientError && attempt.Fault!.Kind is UpstreamFaultKind.BadRequest)
            {
                break;
            }
        }

        report.CascadeAttempts = failures.Attempts;
        report.CascadeLastDetail = failures.LastDetail;
        report.CascadeLastStatus = failures.LastStatus;
        return new FailedReply(failures.ToError(profile.Structured502));
    }

    private Task<Attempt> TryAsync(IUpstream member, bool isLast, int membersLeft, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var deadline = profile.AttemptTimeout is { } own ? dispatch.Deadline.Within(own) : dispatch.Deadline.Share(membersLeft, LeastAttempt);
        var rescue = profile.Rescue is RescuePolicy.Always || (profile.Rescue is RescuePolicy.Last && isLast);
        var view = dispatch.ViewFor(member.Config);
        var call = new UpstreamCall
        {
            Body = view.Body,
            Role = CallRole.Member,
            Deadline = deadline,
            Stream = dispatch.Request.Stream,
            PromptTokens = dispatch.TextTokens((long)view.PromptTokens + dispatch.Request.ToolsTokens),
            MayRetry = isLast,
            IsLastChance = isLast,
        };
        var policy = dispatch.PolicyFor(member.Config, dispatch.ShowsReasoning(profile.ExposeReasoning), rescue) with { IsContractBinding = !isLast };
        return AnswerCall.RunAsync(member, call, policy, acceptBlank: false, dispatch, cancellationToken);
    }
}

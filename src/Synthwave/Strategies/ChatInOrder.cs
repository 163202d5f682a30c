using System.Collections.Immutable;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>
/// A chat request put to members in order: who is worth a call, what the caps allow, then <see cref="InOrder"/>. While another member remains, an answer
/// that breaks the request's tool contract (an undeclared call, a demanded call not made) is none, and one that refuses, or has no text but a reason for it,
/// is only the answer when nobody gives a better one.
/// </summary>
internal static class ChatInOrder
{
    /// <summary>The first answer, or the refusal when the caps allow no call; null = nobody answered, and <paramref name="attempts"/> says why.</summary>
    /// <param name="members">At least one, in order.</param>
    /// <param name="rules">What the profile makes different.</param>
    /// <param name="attempts">Filled on the way.</param>
    /// <param name="policyOf">How a member's output becomes the answer.</param>
    /// <param name="dispatch">The request.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<ChatReply?> RunAsync(
        ImmutableArray<IUpstream> members, InOrderRules rules, Attempts attempts, Func<Turn, AnswerPolicy> policyOf, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        report.CompactedN = 0;
        report.PromptTokensIn = report.PromptTokensOut = dispatch.Views.Whole.PromptTokens;
        report.ToolsTokens = dispatch.Request.ToolsTokens;

        var choice = MemberChoice.For(members, dispatch);
        var caps = CapPlanner.Sequence(dispatch.Spending.Caps, [.. choice.Members.Select(m => dispatch.CallTo(m, dispatch.Request.ToolsTokens))]);
        if (dispatch.Adopt(caps) is { } refusal)
        {
            return refusal;
        }

        attempts.Skipped = choice.Skipped;
        await using var lastResort = new LastResort();
        var reply = await InOrder.RunAsync(
            [.. caps.Members.Select(i => choice.Members[i])], dispatch.Clock.Deadline, rules, attempts,
            turn => AnswerCall.RunAsync(
                new(turn.Member, CallOf(turn, dispatch), policyOf(turn) with { IsContractBinding = !turn.IsLast, HoldsRefusal = !turn.IsLast }, dispatch) { LastResort = lastResort },
                cancellationToken));
        if (reply is null && lastResort.Take(dispatch) is { } kept)
        {
            attempts.NoteAnswer(kept.Member);
            return kept.Reply;
        }

        return reply;
    }

    private static UpstreamCall CallOf(Turn turn, Dispatch dispatch)
    {
        var view = dispatch.Views.For(turn.Member.Config);
        return new()
        {
            Body = view.Body,
            Role = CallRole.Member,
            Deadline = turn.Deadline,
            Stream = dispatch.Request.Stream,
            PromptTokens = dispatch.Views.TextTokens((long)view.PromptTokens + dispatch.Request.ToolsTokens),
            MayRetry = turn.IsLast,
            IsLastChance = turn.IsLast,
        };
    }
}

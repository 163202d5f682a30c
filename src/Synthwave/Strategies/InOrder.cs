using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Strategies;

/// <summary>
/// Asks members one after the other until one answers: the one loop of every cascade, of chat, of media and of embeddings.
/// <code>
/// a ──(fault)──► b ──(fault)──► c ──► nobody answered
/// └─ answer      └─ answer      └─ answer
/// </code>
/// Each attempt has its share of the deadline. The last one may be retried and passes an open breaker, since nobody comes after it. What a fault means
/// decides whether the next member is asked (<see cref="UpstreamFaultTable.MayRotate"/>), not its number. A member that asked to be left alone is passed over, and
/// asked all the same once nobody else remains.
/// </summary>
internal static class InOrder
{
    private static readonly TimeSpan LeastAttempt = TimeSpan.FromSeconds(1);

    /// <summary>The first answer; null = nobody gave one, and <paramref name="attempts"/> says why.</summary>
    /// <param name="members">At least one.</param>
    /// <param name="deadline">Of all attempts together.</param>
    /// <param name="rules">What the profile makes different.</param>
    /// <param name="attempts">Empty but for who was left out; filled on the way.</param>
    /// <param name="ask">One attempt. Throws only on cancellation, which ends the loop.</param>
    public static async Task<ChatReply?> RunAsync(
        ImmutableArray<IUpstream> members, Deadline deadline, InOrderRules rules, Attempts attempts, Func<Turn, Task<Result<ChatReply, UpstreamFault>>> ask)
    {
        var leftAlone = new Queue<IUpstream>();
        for (var i = 0; i < members.Length; i++)
        {
            var member = members[i];
            if (deadline.IsOver)
            {
                attempts.NoteUnreached(member);
                return null;
            }

            // Who rests takes no time from the others.
            var left = 1 + members.Skip(i + 1).Count(static m => m.Resting is not RestReason.RateLimited);
            var outcome = await AskAsync(member, left, isLast: left == 1);
            if (outcome.Error?.IsLeftAlone() is true)
            {
                attempts.NoteLeftAlone(member);
                leftAlone.Enqueue(member);
            }
            else if (IsOver(member, outcome))
            {
                return outcome.Value;
            }
        }

        while (leftAlone.TryDequeue(out var member) && !deadline.IsOver)
        {
            var outcome = await AskAsync(member, leftAlone.Count + 1, isLast: true);
            if (IsOver(member, outcome))
            {
                return outcome.Value;
            }
        }

        return null;

        Task<Result<ChatReply, UpstreamFault>> AskAsync(IUpstream member, int left, bool isLast)
        {
            attempts.NoteTried(member);
            return ask(new(member, rules.AttemptTimeout is { } own ? deadline.Within(own) : deadline.Share(left, LeastAttempt), isLast));
        }

        bool IsOver(IUpstream member, in Result<ChatReply, UpstreamFault> outcome)
        {
            if (outcome.IsOk)
            {
                attempts.NoteAnswer(member);
                return true;
            }

            attempts.NoteFault(member, outcome.Error);
            return !rules.MayRotate(outcome.Error);
        }
    }
}

/// <summary>One member's turn.</summary>
/// <param name="Member">Who is asked.</param>
/// <param name="Deadline">By when it must have answered, or committed.</param>
/// <param name="IsLast">Nobody comes after it who may be asked now: it may be retried, and is called although it rests.</param>
internal readonly record struct Turn(IUpstream Member, Deadline Deadline, bool IsLast);

/// <summary>What a profile decides about the loop.</summary>
/// <param name="AttemptTimeout">Time for one attempt; null = the remaining time divided by the members left, at least a second.</param>
/// <param name="RotateOnClientError">A request found invalid by one member is put to the next one all the same.</param>
internal readonly record struct InOrderRules(TimeSpan? AttemptTimeout, bool RotateOnClientError)
{
    public bool MayRotate(UpstreamFault fault) => fault.MayRotate() || (RotateOnClientError && fault.Kind is UpstreamFaultKind.BadRequest);
}

using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Voting;

/// <summary>
/// Voters answer yes or no side by side; the profile's rule makes a verdict of it.
/// <code>
///             ┌─► voter a ─► yes ─────────┐
/// request ────┼─► voter b ─► unparseable ─┼─ until decided, or the deadline ──► min_votes real votes ──► verdict
///             └─► voter c ─► (cut) ───────┘                                       └─ fewer ──► 503 insufficient_votes
/// </code>
/// There is no quorum and no grace: a slow voter is waited for as long as its vote can still change the outcome.
/// </summary>
internal sealed class VotingStrategy(VotingProfileConfig profile, Func<string, IUpstream> upstream) : IStrategy
{
    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<Voter> _voters = [.. profile.Upstreams.Select(u => new Voter(upstream(u), profile.Rescue))];

    public StrategyKind Kind => VotingKind.Instance;

    public static VotingStrategy Of(VotingProfileConfig profile, Func<string, IUpstream> upstream) => new(profile, upstream);

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        report.CompactedN = 0;
        report.PromptTokensIn = report.PromptTokensOut = dispatch.Views.Whole.PromptTokens;
        report.ToolsTokens = 0;

        var caps = CapPlanner.Parallel(
            dispatch.Spending.Caps, [.. _voters.Select(v => CallEstimate.Of(v.Upstream, dispatch.Views.For(v.Upstream.Config).PromptTokens, profile.MaxTokens))], profile.MinVotes);
        if (dispatch.Adopt(caps) is { } refusal)
        {
            return refusal;
        }

        ImmutableArray<Voter> voters = [.. caps.Members.Select(i => _voters[i])];
        var tally = new VoteTally(profile, [.. voters.Select(v => v.Upstream.Config.Name)]);
        var ballots = await VoteAsync(voters, tally, dispatch, cancellationToken);
        report.Votes = Count(voters, tally, ballots);
        return tally.HasEnough(ballots)
            ? await VoteAnswer.WriteAsync(report.Votes.VerdictYes, profile.Name, dispatch, cancellationToken)
            : new FailedReply(TooFew(voters, ballots));
    }

    private async Task<Ballot[]> VoteAsync(ImmutableArray<Voter> voters, VoteTally tally, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var willing = voters.Count(v => v.Upstream.Resting is null);
        var bodies = voters.Select(v => dispatch.Views.For(v.Upstream.Config).Body).Distinct().ToDictionary(b => b, b => VoterBody.Of(b, profile));
        UpstreamCall CallTo(Voter voter) => new()
        {
            Body = bodies[dispatch.Views.For(voter.Upstream.Config).Body],
            Role = CallRole.Voter,
            Deadline = dispatch.Clock.Deadline,
            MayRetry = profile.MinVotes == voters.Length,
            IsLastChance = willing < profile.MinVotes,
        };
        var policy = new FanOutPolicy<Ballot>
        {
            // Every voter who has ended counts, one way or the other.
            IsSuccess = static _ => true,
            Quorum = static _ => int.MaxValue,
            Patience = Patience.ToDeadline,
            IsDecided = (ballots, _) => tally.IsDecided(ballots),
        };
        var calls = voters.Select((voter, i) => new FanOutCall<Ballot>(token => voter.AskAsync(i, CallTo(voter), dispatch, token)));
        var results = await FanOut.RunAsync([.. calls], policy, dispatch.Clock.Time, cancellationToken);
        return [.. results.Select((r, i) => r.WasCut ? Ballot.Cut(i) : r.Value!)];
    }

    private VoteReport Count(ImmutableArray<Voter> voters, VoteTally tally, Ballot[] ballots) => new(
        [.. ballots.Select(b => b.Yes ?? profile.FailureVoteYes)],
        tally.Verdict(ballots),
        ballots.Count(b => b.IsFailure),
        ballots.Count(b => b.IsUnparseable))
    {
        Ballots = [.. ballots.Select(b => b.ToReport(voters[b.Place].Upstream.Config.Name, tally.WeightOf(b.Place)))],
    };

    private GatewayError TooFew(ImmutableArray<Voter> voters, Ballot[] ballots)
    {
        var reasons = string.Join(", ", ballots.Select(b => $"{voters[b.Place].Upstream.Config.Name}:{b.Reason ?? "voted"}"));
        return new(503, "insufficient_votes", $"A verdict needs {profile.MinVotes} real votes, and fewer came ({reasons}).") { RetryAfter = RetrySoon };
    }
}

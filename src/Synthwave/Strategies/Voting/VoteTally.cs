using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Strategies.Voting;

/// <summary>
/// Counts ballots under a profile's rules. A voter without a vote counts as <c>failure_vote</c>. All rules are monotone (one more yes never turns a yes
/// into a no), so the outcome is fixed as soon as it is the same whether everybody still missing says yes or no. Pure, immutable.
/// </summary>
internal sealed class VoteTally
{
    private readonly VotingProfileConfig _profile;
    // Decimal, so that 0.1 and 0.2 against 0.3 is a tie.
    private readonly ImmutableArray<decimal> _weights;

    /// <param name="profile">The rules.</param>
    /// <param name="voters">Names of the voters asked, in order.</param>
    public VoteTally(VotingProfileConfig profile, ImmutableArray<string> voters)
    {
        _profile = profile;
        _weights = [.. voters.Select(v => profile.Aggregation is VoteAggregation.Weighted ? (decimal)profile.Weights.GetValueOrDefault(v, 1) : 1)];
    }

    /// <summary>The voter's weight; null where votes are not weighted.</summary>
    public double? WeightOf(int voter) => _profile.Aggregation is VoteAggregation.Weighted ? (double)_weights[voter] : null;

    /// <summary>Whether <paramref name="ballots"/> (one per voter who has ended) settle the outcome: a verdict, or that there will never be enough real votes for one.</summary>
    public bool IsDecided(IReadOnlyList<Ballot> ballots)
    {
        var real = ballots.Count(b => b.Yes is not null);
        var pending = _weights.Length - ballots.Count;
        if (real < _profile.MinVotes)
        {
            return real + pending < _profile.MinVotes;
        }

        return Verdict(ballots, othersSayYes: true) == Verdict(ballots, othersSayYes: false);
    }

    /// <summary>Whether as many voters as <c>min_votes</c> gave a real vote.</summary>
    public bool HasEnough(IReadOnlyList<Ballot> ballots) => ballots.Count(b => b.Yes is not null) >= _profile.MinVotes;

    /// <summary>The verdict over all voters; a cut one counts as <c>failure_vote</c>, which changes nothing: it was cut because nothing could.</summary>
    public bool Verdict(IReadOnlyList<Ballot> ballots) => Verdict(ballots, _profile.FailureVoteYes);

    private bool Verdict(IReadOnlyList<Ballot> ballots, bool othersSayYes)
    {
        decimal yes = 0, no = 0;
        int yesCount = 0, noCount = 0;
        var votes = new bool?[_weights.Length];
        foreach (var ballot in ballots)
        {
            votes[ballot.Place] = ballot.Yes ?? _profile.FailureVoteYes;
        }

        for (var i = 0; i < votes.Length; i++)
        {
            if (votes[i] ?? othersSayYes)
            {
                yes += _weights[i];
                yesCount++;
            }
            else
            {
                no += _weights[i];
                noCount++;
            }
        }

        return _profile.Aggregation switch
        {
            VoteAggregation.AnyYes => yesCount > 0,
            VoteAggregation.AllYes => noCount == 0,
            _ when yes == no => _profile.TieYes ?? _profile.FailureVoteYes,
            _ => yes > no,
        };
    }
}

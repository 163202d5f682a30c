using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies.Voting;

namespace Synthwave.UnitTests.Strategies.Voting;

public sealed class VoteTallyTests
{
    private const string Aggregations = "AnyYes,AllYes,Majority,Weighted";

    [Theory]
    [InlineData("AnyYes", "nny", true)]
    [InlineData("AnyYes", "nnn", false)]
    [InlineData("AllYes", "yyy", true)]
    [InlineData("AllYes", "yyn", false)]
    [InlineData("Majority", "yyn", true)]
    [InlineData("Majority", "ynn", false)]
    public void An_aggregation_makes_a_verdict_of_the_votes(string aggregation, string votes, bool verdict)
    {
        Tally(Profile(aggregation, votes.Length)).Verdict(Ballots(votes)).Should().Be(verdict);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public void A_tie_goes_as_configured_and_else_as_a_failed_vote(bool failureYes, bool? tie, bool verdict)
    {
        var profile = Profile("Majority", 2) with { FailureVoteYes = failureYes, TieYes = tie };

        Tally(profile).Verdict(Ballots("yn")).Should().Be(verdict);
    }

    [Theory]
    [InlineData("AnyYes", true, true)]
    [InlineData("AnyYes", false, false)]
    [InlineData("AllYes", true, false)]
    public void A_voter_without_a_vote_counts_as_failure_vote(string aggregation, bool failureYes, bool verdict)
    {
        Tally(Profile(aggregation, 3) with { FailureVoteYes = failureYes }).Verdict(Ballots("nn!")).Should().Be(verdict);
        Tally(Profile(aggregation, 3) with { FailureVoteYes = failureYes }).Verdict(Ballots("nn?")).Should().Be(verdict);
    }

    [Fact]
    public void Weights_outvote_numbers_and_a_voter_without_one_weighs_one()
    {
        var profile = Profile("Weighted", 3) with { Weights = new Dictionary<string, double> { ["v0"] = 2.5 }.ToFrozenDictionary() };

        Tally(profile).Verdict(Ballots("ynn")).Should().BeTrue();
        Tally(profile).WeightOf(1).Should().Be(1);
    }

    [Fact]
    public void Weights_that_add_up_to_the_same_are_a_tie()
    {
        var weights = new Dictionary<string, double> { ["v0"] = 0.1, ["v1"] = 0.2, ["v2"] = 0.3 }.ToFrozenDictionary();

        Tally(Profile("Weighted", 3) with { Weights = weights, TieYes = false }).Verdict(Ballots("yyn")).Should().BeFalse();
        Tally(Profile("Weighted", 3) with { Weights = weights, TieYes = true }).Verdict(Ballots("nny")).Should().BeTrue();
    }

    [Theory]
    [InlineData("AnyYes", "y..", true)]
    [InlineData("AnyYes", "nn.", false)]
    [InlineData("AllYes", ".n.", true)]
    [InlineData("AllYes", "yy.", false)]
    [InlineData("Majority", "yy.", true)]
    [InlineData("Majority", "yn.", false)]
    [InlineData("Majority", "n.n", true)]
    public void The_outcome_is_fixed_as_soon_as_nobody_left_can_change_it(string aggregation, string votes, bool decided)
    {
        Tally(Profile(aggregation, votes.Length)).IsDecided(Ballots(votes)).Should().Be(decided);
    }

    [Fact]
    public void Failures_alone_decide_nothing_while_real_votes_are_missing()
    {
        var tally = Tally(Profile("AnyYes", 3) with { FailureVoteYes = true, MinVotes = 1 });

        tally.IsDecided(Ballots("!..")).Should().BeFalse("the verdict is known, but not one real vote backs it");
        tally.IsDecided(Ballots("!n.")).Should().BeTrue();
    }

    [Fact]
    public void A_vote_that_can_no_longer_reach_min_votes_is_over()
    {
        var tally = Tally(Profile("Majority", 3) with { MinVotes = 2 });

        tally.IsDecided(Ballots("!?.")).Should().BeTrue();
        tally.HasEnough(Ballots("!?y")).Should().BeFalse();
        tally.IsDecided(Ballots("!..")).Should().BeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Stopping_early_gives_the_verdict_of_the_full_count_whatever_the_order(int minVotes)
    {
        foreach (var aggregation in Aggregations.Split(','))
        {
            var profile = Profile(aggregation, 5) with
            {
                MinVotes = minVotes,
                Weights = new Dictionary<string, double> { ["v0"] = 3, ["v3"] = 0.5 }.ToFrozenDictionary(),
            };
            var tally = Tally(profile);
            foreach (var votes in Combinations("yn!", 5))
            {
                var full = Ballots(votes);
                var seen = new List<Ballot>();
                foreach (var ballot in full.OrderBy(b => (b.Place * 3) % 5))
                {
                    seen.Add(ballot);
                    if (tally.IsDecided(seen))
                    {
                        break;
                    }
                }

                tally.HasEnough(seen).Should().Be(tally.HasEnough(full), $"{aggregation} {votes}");
                if (tally.HasEnough(full))
                {
                    tally.Verdict(seen).Should().Be(tally.Verdict(full), $"{aggregation} {votes}");
                }
            }
        }
    }

    [Theory]
    [InlineData(0.7, 3, 0.784)]
    [InlineData(0.8, 5, 0.94208)]
    [InlineData(0.9, 7, 0.99727)]
    public void A_majority_is_right_as_often_as_theory_says(double p, int voters, double expected)
    {
        var tally = Tally(Profile("Majority", voters));

        var right = Combinations("yn", voters)
            .Where(votes => tally.Verdict(Ballots(votes)))
            .Sum(votes => votes.Aggregate(1d, (product, vote) => product * (vote == 'y' ? p : 1 - p)));

        right.Should().BeApproximately(expected, 0.00001);
    }

    [Theory]
    [InlineData(0.6, 3, 2.48)]
    [InlineData(0.8, 5, 3.634)]
    [InlineData(0.9, 7, 4.439)]
    public void Stopping_early_asks_as_few_voters_as_theory_says(double p, int voters, double expected)
    {
        var tally = Tally(Profile("Majority", voters));

        var asked = Combinations("yn", voters).Sum(votes =>
        {
            var count = Enumerable.Range(1, voters).First(n => tally.IsDecided(Ballots(votes)[..n]));
            return count * votes.Aggregate(1d, (product, vote) => product * (vote == 'y' ? p : 1 - p));
        });

        asked.Should().BeApproximately(expected, 0.001);
    }

    [Fact]
    public void Log_odds_weights_are_never_worse_than_the_best_member()
    {
        double[] skill = [0.8, 0.7, 0.7, 0.6, 0.6];
        var weights = skill.Select((p, i) => KeyValuePair.Create($"v{i}", Math.Log(p / (1 - p)))).ToFrozenDictionary();
        var tally = Tally(Profile("Weighted", 5) with { Weights = weights });

        var right = Combinations("yn", 5)
            .Where(votes => tally.Verdict(Ballots(votes)))
            .Sum(votes => votes.Select((vote, i) => vote == 'y' ? skill[i] : 1 - skill[i]).Aggregate(1d, (product, p) => product * p));

        right.Should().BeApproximately(0.8362, 0.0001);
    }

    private static VotingProfileConfig Profile(string aggregation, int voters) => new()
    {
        Name = "jury",
        Upstreams = [.. Enumerable.Range(0, voters).Select(i => $"v{i}")],
        Aggregation = Enum.Parse<VoteAggregation>(aggregation),
    };

    private static VoteTally Tally(VotingProfileConfig profile) => new(profile, profile.Upstreams);

    // y and n voted, ! failed, ? said something else, . has not ended.
    private static ImmutableArray<Ballot> Ballots(string votes) =>
    [
        .. votes.Select((vote, i) => vote switch
        {
            'y' => new Ballot(i, true, null),
            'n' => new Ballot(i, false, null),
            '!' => new Ballot(i, null, "timeout"),
            '?' => Ballot.Unparseable(i),
            _ => null,
        }).OfType<Ballot>(),
    ];

    private static IEnumerable<string> Combinations(string letters, int length) =>
        length == 0 ? [""] : Combinations(letters, length - 1).SelectMany(rest => letters.Select(letter => rest + letter));
}

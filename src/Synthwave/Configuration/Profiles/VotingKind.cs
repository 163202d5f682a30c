using System.Collections.Frozen;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Profiles;

/// <summary><c>type = "voting"</c>.</summary>
internal sealed class VotingKind()
    : ProfileKind<VotingProfileConfig>("voting", "members answer yes or no, and the votes are counted; needs [features] voting = true", Keys)
{
    private static readonly Table<VotingProfileConfig> Keys = ProfileTable.Of("voting", new VotingProfileConfig { Name = "", Upstreams = [] });

    public static readonly TextListKey Upstreams = Keys.Add(
        new TextListKey("upstreams", "the profile's members") { IsRequired = true, NamesUpstream = true, AtLeast = 2, IsUnique = true },
        v => v.Upstreams,
        (v, names) => v with { Upstreams = names });

    public static readonly ConfigKey<VoteAggregation> Aggregation = Keys.Add(
        new ChoiceKey<VoteAggregation>(
            "aggregation",
            "how votes become a verdict",
            ("any_yes", VoteAggregation.AnyYes),
            ("all_yes", VoteAggregation.AllYes),
            ("majority", VoteAggregation.Majority),
            ("weighted", VoteAggregation.Weighted)),
        v => v.Aggregation,
        (v, value) => v with { Aggregation = value });

    public static readonly ConfigKey<bool> FailureVote = Keys.Add(
        new ChoiceKey<bool>("failure_vote", "what a failed voter counts as", ("yes", true), ("no", false)),
        v => v.FailureVoteYes,
        (v, value) => v with { FailureVoteYes = value });

    public static readonly ConfigKey<double> Temperature = Keys.Add(
        new NumberKey("temperature", "sampling temperature", new NumberRange(0, 2)),
        v => v.Temperature,
        (v, value) => v with { Temperature = value });

    public static readonly ConfigKey<int> MaxTokens = Keys.Add(
        new IntegerKey("max_tokens", "completion limit of a vote", 1),
        v => v.MaxTokens,
        (v, value) => v with { MaxTokens = value });

    public static readonly ConfigKey<int> MinVotes = Keys.Add(
        new IntegerKey("min_votes", "fewest real votes a verdict needs", 1),
        v => v.MinVotes,
        (v, value) => v with { MinVotes = value });

    public static readonly ConfigKey<bool> Tie = Keys.AddOptional(
        new ChoiceKey<bool>("tie", "the verdict of a tie", ("yes", true), ("no", false)) { WhenAbsent = "as a failed vote", Example = "\"no\"" },
        v => v.TieYes,
        (v, value) => v with { TieYes = value });

    public static readonly TableKey Weights = Keys.Add(
        new TableKey("weights", "weight of each voter; 1 where not named") { Details = "It goes with aggregation = \"weighted\".", Example = "{ careful = 2.0 }" },
        (key, section, v) => section.Section(key) is { } table ? v with { Weights = ReadWeights(section, table, v) } : v,
        v => v.Weights.Count == 0
            ? null
            : TomlTable.Of(v.Upstreams.Where(v.Weights.ContainsKey).Select(u => (u, (TomlValue)new TomlFloat(v.Weights[u])))));

    private static readonly NumberKey Weight = new("weights", "weight of a voter", new NumberRange(0, 1_000_000));

    protected override void CheckOwn(VotingProfileConfig profile, SectionReader section)
    {
        var voters = profile.Upstreams.Length;
        if (profile.MinVotes > voters && voters > 0)
        {
            section.Error(MinVotes, $"must be an integer from 1 to {voters}, the number of voters; found {profile.MinVotes}");
        }
    }

    protected override void CheckAround(VotingProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        if (profile is { Aggregation: not VoteAggregation.Weighted, Weights.Count: > 0 })
        {
            section.Warn(Weights, "has no effect", "weights go with aggregation = \"weighted\"");
        }
    }

    private static FrozenDictionary<string, double> ReadWeights(SectionReader section, SectionReader table, VotingProfileConfig profile)
    {
        var members = profile.Upstreams;
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in table.Table.Entries)
        {
            var path = table.PathOf(entry.Key);
            if (!members.Contains(entry.Key))
            {
                section.ErrorAt(entry.KeyPosition, path, "is no member of this profile", Suggestion.For(entry.Key, members));
            }
            else if (section.TryRead(Weight, entry.Value, path, out var weight))
            {
                weights.Add(entry.Key, weight);
            }
        }

        if (weights.Count == members.Length && members.Length > 0 && weights.Values.All(w => w == 0))
        {
            section.Error(Weights, "no voter has a weight above 0");
        }

        return weights.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

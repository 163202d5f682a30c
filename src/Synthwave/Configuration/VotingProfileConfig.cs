using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>type = "voting"</c>: members answer yes or no, the votes are counted.</summary>
internal sealed record VotingProfileConfig : ProfileConfig
{
    public override string Type => "voting";

    public required ImmutableArray<string> Upstreams { get; init; }

    public VoteAggregation Aggregation { get; init; } = VoteAggregation.AnyYes;

    /// <summary>What a failed voter counts as.</summary>
    public bool FailureVoteYes { get; init; } = true;

    public double Temperature { get; init; }

    public int MaxTokens { get; init; } = 5;

    public FrozenDictionary<string, double> Weights { get; init; } = FrozenDictionary<string, double>.Empty;

    public int MinVotes { get; init; } = 1;

    /// <summary>Null = as a failed vote.</summary>
    public bool? TieYes { get; init; }

    public override ImmutableArray<string> Members => Upstreams;

    /// <summary>Every voter reads the whole question.</summary>
    public override long Window(Func<string, UpstreamConfig> upstream) => Upstreams.Min(u => upstream(u).Context);

    public override bool CallsFunctions(Func<string, UpstreamConfig> upstream) => Upstreams.All(u => upstream(u).SupportsFunctionCalling);

    public override bool Thinks(Func<string, UpstreamConfig> upstream) => Upstreams.All(u => upstream(u).SupportsThinking);

    public override bool CanAnswer(Func<string, bool> isUp) => Upstreams.Count(isUp) >= Math.Max(1, MinVotes);

    public override ProfileConfig? Only(Func<string, bool> keep)
    {
        ImmutableArray<string> voters = [.. Upstreams.Where(keep)];
        return voters.Length < MinVotes ? null : this with { Upstreams = voters };
    }
}

internal enum VoteAggregation { AnyYes, AllYes, Majority, Weighted }

namespace Synthwave.Telemetry.Reports;

/// <summary>
/// How a vote went. <paramref name="Votes"/> are in upstream order, true = yes; a voter without a vote of its own stands there as the profile's
/// <c>failure_vote</c> says, which is also how it was counted if it was waited for.
/// </summary>
/// <param name="Votes">One per voter asked.</param>
/// <param name="VerdictYes">What the aggregation made of them.</param>
/// <param name="Failures">Voters whose call failed. A voter cut because the outcome was fixed is no failure.</param>
/// <param name="Unparseable">Voters who answered neither yes nor no.</param>
internal sealed record VoteReport(IReadOnlyList<bool> Votes, bool VerdictYes, int Failures, int Unparseable)
{
    /// <summary>What each voter really said, in the order of <see cref="Votes"/>.</summary>
    public IReadOnlyList<BallotReport> Ballots { get; init; } = [];
}

/// <summary>One voter's ballot.</summary>
/// <param name="Upstream">The voter.</param>
/// <param name="Yes">Its own vote; null = it gave none.</param>
/// <param name="Reason">Why there is no vote: <c>unparseable</c>, <c>cancelled</c> (the outcome was fixed without it) or the call's failure; null = there is one.</param>
/// <param name="Weight">Set where votes are weighted.</param>
internal sealed record BallotReport(string Upstream, bool? Yes, string? Reason, double? Weight);

namespace Synthwave.Telemetry;

/// <summary>How a vote went. <paramref name="Votes"/> are in upstream order, true = yes, a failed or unreadable voter counted as the profile says.</summary>
/// <param name="Votes">One per voter.</param>
/// <param name="VerdictYes">What the aggregation made of them.</param>
/// <param name="Failures">Voters whose call failed.</param>
/// <param name="Unparseable">Voters who answered neither yes nor no.</param>
internal sealed record VoteReport(IReadOnlyList<bool> Votes, bool VerdictYes, int Failures, int Unparseable);

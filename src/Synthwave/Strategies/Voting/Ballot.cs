using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Voting;

/// <summary>What came of asking one voter.</summary>
/// <param name="Place">The voter's place among the voters asked.</param>
/// <param name="Yes">Its vote; null = none, then <paramref name="Reason"/> says why.</param>
/// <param name="Reason"><c>unparseable</c>, <c>cancelled</c> or the call's failure; null = it voted.</param>
internal sealed record Ballot(int Place, bool? Yes, string? Reason)
{
    private const string Unreadable = "unparseable";
    private const string NotNeeded = "cancelled";

    public bool IsUnparseable => Reason == Unreadable;

    /// <summary>Cut, because the outcome was fixed without it.</summary>
    public bool IsCut => Reason == NotNeeded;

    public bool IsFailure => Reason is not (null or Unreadable or NotNeeded);

    public static Ballot Unparseable(int place) => new(place, null, Unreadable);

    public static Ballot Cut(int place) => new(place, null, NotNeeded);

    public BallotReport ToReport(string upstream, double? weight) => new(upstream, Yes, Reason, weight);
}

namespace Synthwave.Strategies;

/// <summary>
/// How long stragglers are waited for, as times from the start of the fan-out. A fixed grace is the same for all and runs from quorum; learned patience
/// waits for each call until the completion time it is known to need.
/// </summary>
/// <param name="FixedGrace">After quorum; null = learned.</param>
/// <param name="MaxGrace">The longest that learned patience waits after quorum.</param>
internal sealed record Patience(TimeSpan? FixedGrace, TimeSpan MaxGrace)
{
    /// <summary>Waited for before a call's completion time is known.</summary>
    private static readonly TimeSpan Unlearned = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWithoutQuorum = TimeSpan.FromSeconds(60);

    /// <summary>Nobody is cut before the deadline: for fan-outs that end when their outcome is decided.</summary>
    public static Patience ToDeadline { get; } = new(Timeout.InfiniteTimeSpan, TimeSpan.Zero);

    /// <summary>Until when a call is waited for once quorum was reached at <paramref name="quorumAt"/>; null = to the deadline.</summary>
    public TimeSpan? AfterQuorum(TimeSpan quorumAt, TimeSpan? learned)
    {
        if (FixedGrace == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        if (FixedGrace is { } grace)
        {
            return quorumAt + grace;
        }

        var wait = learned is { } own ? own - quorumAt : Unlearned;
        return quorumAt + Clamp(wait, Least, MaxGrace < Least ? Least : MaxGrace);
    }

    /// <summary>
    /// Until when a call is waited for while there is a first draft but no quorum: twice as long, at most a minute after that draft. Null = to the deadline
    /// (a fixed grace runs from quorum only).
    /// </summary>
    public TimeSpan? AfterFirstDraft(TimeSpan firstAt, TimeSpan? learned)
    {
        if (FixedGrace is not null)
        {
            return null;
        }

        var wait = learned is { } own ? (own * 2) - firstAt : Unlearned * 2;
        return firstAt + Clamp(wait, Least, LongestWithoutQuorum);
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}

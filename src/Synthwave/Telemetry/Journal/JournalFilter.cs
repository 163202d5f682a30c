namespace Synthwave.Telemetry.Journal;

/// <summary>Which finished requests are wanted; null = all.</summary>
internal sealed record JournalFilter
{
    public static readonly JournalFilter None = new();

    public string? Profile { get; init; }

    /// <summary><c>success</c>, <c>degraded</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>One that was asked, whatever came of it; all its samples.</summary>
    public string? Upstream { get; init; }

    /// <summary>Received at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those that ended before the one of this <see cref="JournalEntry.Sequence"/>.</summary>
    public long? Before { get; init; }

    public bool Admits(JournalEntry entry) =>
        (Profile is null || string.Equals(entry.Profile, Profile, StringComparison.Ordinal))
        && (Outcome is null || string.Equals(entry.Outcome, Outcome, StringComparison.Ordinal))
        && (Since is not { } since || entry.ReceivedAt >= since)
        && (Before is not { } before || entry.Sequence < before)
        && (Upstream is not { } name || entry.Calls.Any(c => IsOf(c.Upstream, name)));

    // A second sample of "a" is called "a#2".
    private static bool IsOf(string label, string name) =>
        label.StartsWith(name, StringComparison.Ordinal) && (label.Length == name.Length || label[name.Length] == '#');
}

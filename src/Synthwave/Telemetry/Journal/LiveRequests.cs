using System.Collections.Immutable;

namespace Synthwave.Telemetry.Journal;

/// <summary>The requests in work at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Requests">The oldest first.</param>
internal sealed record LiveRequests(DateTimeOffset Time, ImmutableArray<JournalEntry> Requests)
{
    /// <summary>Where others have left them out, none.</summary>
    public ImmutableArray<JournalEntry> Requests { get; init; } = Requests.IsDefault ? [] : Requests;

    /// <summary>Those that still ran when <paramref name="finished"/> was read, which must be later: in between some may have ended, and stand in both.</summary>
    public ImmutableArray<JournalEntry> Without(IEnumerable<JournalEntry> finished)
    {
        var over = finished.Select(static e => e.RequestId).ToHashSet(StringComparer.Ordinal);
        return [.. Requests.Where(r => !over.Contains(r.RequestId))];
    }
}

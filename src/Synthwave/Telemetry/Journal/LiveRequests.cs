using System.Collections.Immutable;

namespace Synthwave.Telemetry.Journal;

/// <summary>The requests in work at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Requests">The oldest first.</param>
internal sealed record LiveRequests(DateTimeOffset Time, ImmutableArray<JournalEntry> Requests)
{
    /// <summary>Where others have left them out, none.</summary>
    public ImmutableArray<JournalEntry> Requests { get; init; } = Requests.IsDefault ? [] : Requests;
}

using System.Collections.Immutable;

namespace Synthwave.Telemetry.Journal;

/// <summary>The requests in work at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Requests">The oldest first.</param>
internal sealed record LiveRequests(DateTimeOffset Time, ImmutableArray<JournalEntry> Requests);

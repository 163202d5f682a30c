using System.Collections.Immutable;

namespace Synthwave.Telemetry.Journal;

/// <summary>Some of the finished requests.</summary>
/// <param name="Requests">The last one first.</param>
/// <param name="NextBefore">What to ask for as <c>before</c> to read on; null = there are no more.</param>
internal sealed record JournalPage(ImmutableArray<JournalEntry> Requests, long? NextBefore)
{
    /// <summary>Where others have left them out, none.</summary>
    public ImmutableArray<JournalEntry> Requests { get; init; } = Requests.IsDefault ? [] : Requests;
}

using System.Collections.Immutable;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands.Live;

/// <summary>What the live view shows at one moment. Immutable.</summary>
internal sealed record LiveSnapshot
{
    /// <summary>Finished requests that are worth asking for: more do not fit on any screen.</summary>
    public const int MostFinished = 30;

    /// <summary>Of the gateway, for the head line.</summary>
    public required string Address { get; init; }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<JournalEntry> Running { get; init; } = [];

    /// <summary>The last one first.</summary>
    public ImmutableArray<JournalEntry> Finished { get; init; } = [];

    /// <summary>In file order.</summary>
    public ImmutableArray<LiveUpstream> Upstreams { get; init; } = [];

    /// <summary>Why nothing newer is known; null = it is.</summary>
    public string? Trouble { get; init; }
}

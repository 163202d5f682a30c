using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Strategies.Media;
using Synthwave.Telemetry.Journal;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Hosting;

/// <summary>
/// How <c>max_memory_mb</c> is divided. What outlives requests has a bound each, at most a part of the whole; requests in work get the rest, so that all of it together stays
/// within. Bytes. Immutable.
/// <code>
/// whole ──► responses: as configured, a quarter at most      thinking: a sixteenth at most      descriptions of images: a thirty-second at most
///       ──► journal: fixed, and twice a sixteenth at most for prompts and answers where they are kept      ──► requests: the rest
/// </code>
/// </summary>
internal sealed record MemoryPlan
{
    /// <summary>What <c>max_memory_mb</c> says.</summary>
    public required long Whole { get; init; }

    /// <summary>Stored responses.</summary>
    public required long Responses { get; init; }

    /// <summary>Reasoning that upstreams want back.</summary>
    public required long Thinking { get; init; }

    /// <summary>Descriptions of images.</summary>
    public required long Descriptions { get; init; }

    /// <summary>Finished requests, without what was said.</summary>
    public required long Journal { get; init; }

    /// <summary>Prompts and answers of requests in work, and as much again of those that are over; 0 = not kept.</summary>
    public required long Content { get; init; }

    /// <summary>What outlives requests, together.</summary>
    public long Kept => Responses + Thinking + Descriptions + Journal + (2 * Content);

    /// <summary>What requests in work may hold together.</summary>
    public long Requests => Whole - Kept;

    /// <summary>The plan of a configuration.</summary>
    public static MemoryPlan Of(GatewayConfig config)
    {
        var whole = config.Server.MaxMemoryBytes ?? MemoryBudget.Default();
        return new()
        {
            Whole = whole,
            Responses = Math.Min(config.Server.ResponseStoreBytes, whole / 4),
            Thinking = Math.Min(ThinkingStore.MostBytes, whole / 16),
            Descriptions = Math.Min(DescriptionCache.MostBytes, whole / 32),
            Journal = RequestJournal.MostBytes,
            Content = config.History.Content ? Math.Min(RequestJournal.MostContent, whole / 16) : 0,
        };
    }
}

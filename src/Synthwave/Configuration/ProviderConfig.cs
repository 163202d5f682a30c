using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>[providers.x]</c>: what the upstreams of a provider have in common where their own tables say nothing else.</summary>
internal sealed record ProviderConfig
{
    public required string Name { get; init; }

    /// <summary>A preset or another of these tables, which tells the rest; null = the preset of the same name, or nothing.</summary>
    public string? Extends { get; init; }

    /// <summary>What is written. The other members are as in an upstream of which nothing is said.</summary>
    public required UpstreamConfig Common { get; init; }

    /// <summary>The names of the keys that are written.</summary>
    public ImmutableArray<string> Written { get; init; } = [];
}

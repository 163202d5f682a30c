using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Chat;

/// <summary>What a client says of itself beside its request, as far as upstreams are to hear it. Immutable; never told or logged.</summary>
internal sealed record Caller
{
    public static Caller Unknown { get; } = new();

    /// <summary>The client's own key, fit for a header; null = none was given, or no upstream takes one.</summary>
    public Secret? Key { get; init; }

    /// <summary>Headers to pass on: names as configured, values of printable ASCII.</summary>
    public ImmutableArray<KeyValuePair<string, Secret>> Headers { get; init; } = [];
}

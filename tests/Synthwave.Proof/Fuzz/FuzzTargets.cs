using System.Collections.Immutable;
using Synthwave.Proof.Fuzz.Targets;

namespace Synthwave.Proof.Fuzz;

/// <summary>Every reader that is fuzzed.</summary>
internal static class FuzzTargets
{
    public static readonly ImmutableArray<string> Names = ["toml", "json", "sse", "http"];

    /// <summary>Null = there is none of that name. The caller disposes it where it can be.</summary>
    public static IFuzzTarget? Open(string name) => name switch
    {
        "toml" => new TomlTarget(),
        "json" => new JsonTarget(),
        "sse" => new SseTarget(),
        "http" => new HttpTarget(),
        _ => null,
    };
}

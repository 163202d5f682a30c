using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>What loading gave: a configuration, or the reasons why there is none. Warnings come with either.</summary>
/// <param name="Config">Null when there is an error.</param>
/// <param name="Errors">In file order.</param>
/// <param name="Warnings">In file order.</param>
internal sealed record ConfigResult(GatewayConfig? Config, ImmutableArray<ConfigProblem> Errors, ImmutableArray<ConfigProblem> Warnings)
{
    /// <summary>Every file that was looked at, the configuration file first; empty = it could not be read, or came from memory.</summary>
    public ImmutableArray<SourceFile> Sources { get; init; } = [];

    public static ConfigResult Failed(ConfigProblem problem) => new(null, [problem], []);
}

using Microsoft.Extensions.Logging.Abstractions;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Upstreams.Calls;

/// <summary>What every upstream needs from its surroundings.</summary>
internal sealed record UpstreamContext
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Looks up an environment variable; null = unset.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>For what an operator should know about one upstream.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Asked at the start of a streamed call; what it returns is told of every piece of output.</summary>
    public Func<CallReport, IPieceObserver?> FollowStream { get; init; } = static _ => null;

    /// <summary>0–1, for jitter. Thread-safe.</summary>
    public Func<double> Randomizer { get; init; } = Random.Shared.NextDouble;
}

using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies;

/// <summary>One way of answering. Built once per profile and runtime from live upstreams; thread-safe; keeps nothing of a request.</summary>
internal interface IStrategy
{
    /// <summary>What reports call it, and what it tells in headers.</summary>
    StrategyKind Kind { get; }

    /// <summary>
    /// Answers, filling <see cref="Dispatch.Report"/>. Failures are replies; throws only <see cref="OperationCanceledException"/> when
    /// <paramref name="cancellationToken"/> (client gone, shutdown) is cancelled. Every upstream call not owned by the returned reply has ended by then.
    /// </summary>
    Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken);
}

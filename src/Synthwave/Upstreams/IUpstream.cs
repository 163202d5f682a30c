using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams;

/// <summary>One model endpoint, ready to be called. Thread-safe. Lives as long as the runtime that made it.</summary>
internal interface IUpstream
{
    UpstreamConfig Config { get; }

    /// <summary>Whether its protocol has such an operation; one that is configured unusably refuses the call itself.</summary>
    bool Speaks(UpstreamOperation operation);

    /// <summary>Its list of models is that of a server that continues texts. Kept across reloads.</summary>
    bool ContinuesTexts { get; }

    /// <summary>Why an ordinary call would be refused now; null = it would be made. Kept across reloads.</summary>
    RestReason? Resting { get; }

    /// <summary>Completion times of successful calls, kept across reloads.</summary>
    LatencyQuantiles Latency { get; }

    /// <summary>Times to the first visible content of streamed calls, kept across reloads.</summary>
    LatencyQuantiles FirstContent { get; }

    /// <summary>Its token counts against our estimates, kept across reloads.</summary>
    TokenCalibration Calibration { get; }

    /// <summary>What hedges this upstream's calls have earned, kept across reloads.</summary>
    HedgeBudget HedgeBudget { get; }

    /// <summary>How often its drafts came too late, kept across reloads. Noted with <see cref="NoteDraft"/>.</summary>
    StragglerRecord Stragglers { get; }

    /// <summary>
    /// Notes that a generator's call ran to its end, or was cut because the ensemble no longer waited. Kept across reloads; a generator that is cut often is
    /// named in a warning.
    /// </summary>
    void NoteDraft(bool wasCut);

    /// <summary>
    /// Makes the call, with preparation, credentials, clocks, retries and breaker. Adds a <see cref="CallReport"/> to <paramref name="report"/> and
    /// completes it: at return for complete and faulted replies, at the stream's end or disposal otherwise. Throws
    /// <see cref="OperationCanceledException"/> only when <paramref name="cancellationToken"/> is cancelled; then the call is reported as cancelled.
    /// </summary>
    Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken);
}

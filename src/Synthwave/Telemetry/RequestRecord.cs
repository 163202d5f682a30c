using System.Diagnostics;

namespace Synthwave.Telemetry;

/// <summary>
/// One HTTP request as the log line tells it. Written by the request's own flow until <see cref="Close"/>; afterwards immutable and read by the log writer.
/// </summary>
internal sealed class RequestRecord(string method, string path, DateTimeOffset receivedAt, long startedAt)
{
    private const int LongestClientId = 128;
    private const int LongestPath = 256;

    /// <summary>Ours, also the value of the request-id headers.</summary>
    public string RequestId { get; } = RequestIds.New();

    public string Method { get; } = method;

    /// <summary>Without query, at most 256 characters.</summary>
    public string Path { get; } = path.Length <= LongestPath ? path : path[..LongestPath];

    public DateTimeOffset ReceivedAt { get; } = receivedAt;

    /// <summary><see cref="TimeProvider"/> timestamp.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>What the client calls this request, visible ASCII, at most 128 characters; null = it gave no id.</summary>
    public string? ClientRequestId { get; private set; }

    /// <summary>Set by the endpoint that dispatched the request; null = nothing was dispatched.</summary>
    public DispatchReport? Report { get; set; }

    /// <summary>The code of an error that never reached a dispatch.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Body bytes received; null = unknown.</summary>
    public long? BytesIn { get; set; }

    /// <summary>Body bytes sent.</summary>
    public long BytesOut { get; set; }

    public int Status { get; private set; }

    public bool IsCancelled { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public ActivityTraceId? TraceId { get; private set; }

    /// <summary>Takes a client's id as told in a header, made harmless.</summary>
    public void SetClientRequestId(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return;
        }

        var kept = id.Length <= LongestClientId ? id : id[..LongestClientId];
        ClientRequestId = kept.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? kept
            : string.Create(kept.Length, kept, static (target, source) =>
            {
                for (var i = 0; i < source.Length; i++)
                {
                    target[i] = source[i] is >= '!' and <= '~' ? source[i] : '?';
                }
            });
    }

    public void Close(int status, bool cancelled, TimeSpan elapsed, ActivityTraceId? traceId)
    {
        Status = status;
        IsCancelled = cancelled;
        Elapsed = elapsed;
        TraceId = traceId;
    }

    /// <summary><c>success</c>, <c>degraded</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string Outcome => Report is { } report ? ReportLabels.Of(report.Outcome)
        : IsCancelled ? ReportLabels.Of(DispatchOutcome.Cancelled)
        : ReportLabels.Of(Status < 400 ? DispatchOutcome.Success : DispatchOutcome.Failed);
}

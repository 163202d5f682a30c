using System.Diagnostics;

namespace Synthwave.Telemetry.Reports;

/// <summary>
/// One HTTP request as the log line tells it. Written by the request's own flow until <see cref="Close"/>; afterwards immutable and read by the log writer.
/// </summary>
internal sealed class RequestRecord(string method, string path, DateTimeOffset receivedAt, long startedAt, string idPrefix = RequestIds.Prefix)
{
    private const int LongestClientId = 128;
    private const int LongestPath = 256;

    /// <summary>Ours, also the value of the request-id headers.</summary>
    public string RequestId { get; } = RequestIds.New(idPrefix);

    public string Method { get; } = method;

    /// <summary>Without query, at most 256 characters; control characters, which could forge lines on a terminal, are question marks.</summary>
    public string Path { get; } = Harmless(path, LongestPath, static c => !char.IsControl(c));

    public DateTimeOffset ReceivedAt { get; } = receivedAt;

    /// <summary><see cref="TimeProvider"/> timestamp.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>What the client calls this request, visible ASCII, at most 128 characters; null = it gave no id.</summary>
    public string? ClientRequestId { get; private set; }

    /// <summary>The language of its route, as <c>chat</c>; null = it has none.</summary>
    public string? Dialect { get; init; }

    /// <summary>Where the journal holds it while it runs; null = nowhere.</summary>
    public int? JournalPlace { get; set; }

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

        ClientRequestId = Harmless(id, LongestClientId, static c => c is >= '!' and <= '~');
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

    private static string Harmless(string text, int longest, Func<char, bool> isHarmless)
    {
        var kept = text.Length <= longest ? text : text[..longest];
        foreach (var c in kept)
        {
            if (!isHarmless(c))
            {
                return string.Create(kept.Length, (kept, isHarmless), static (target, state) =>
                {
                    for (var i = 0; i < target.Length; i++)
                    {
                        target[i] = state.isHarmless(state.kept[i]) ? state.kept[i] : '?';
                    }
                });
            }
        }

        return kept;
    }
}

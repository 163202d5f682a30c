namespace Synthwave.Telemetry.Reports;

/// <summary>Durations read off a report's timestamps.</summary>
internal static class ReportTimes
{
    /// <summary>From the request's start to its end, or until now while it runs.</summary>
    public static TimeSpan Elapsed(DispatchReport report, TimeProvider time) => time.GetElapsedTime(report.StartedAt, report.EndedAt ?? time.GetTimestamp());

    /// <summary>From the request's start to its first visible content; null = there was none.</summary>
    public static TimeSpan? FirstContent(DispatchReport report, TimeProvider time) =>
        report.FirstContentAt is { } at ? time.GetElapsedTime(report.StartedAt, at) : null;

    public static TimeSpan Elapsed(CallReport call, TimeProvider time) => time.GetElapsedTime(call.StartedAt, call.EndedAt ?? time.GetTimestamp());

    public static TimeSpan? FirstByte(CallReport call, TimeProvider time) =>
        call.FirstByteAt is { } at ? time.GetElapsedTime(call.StartedAt, at) : null;

    public static TimeSpan? FirstContent(CallReport call, TimeProvider time) =>
        call.FirstContentAt is { } at ? time.GetElapsedTime(call.StartedAt, at) : null;

    /// <summary>The gateway's own share: the time between start and end during which no upstream call ran.</summary>
    /// <param name="report">A finished report.</param>
    /// <param name="calls">Its calls, in order of start.</param>
    /// <param name="time">The clock the timestamps come from.</param>
    public static TimeSpan Overhead(DispatchReport report, IReadOnlyList<CallReport> calls, TimeProvider time)
    {
        var end = report.EndedAt ?? time.GetTimestamp();
        var covered = report.StartedAt;
        long idle = 0;
        for (var i = 0; i < calls.Count; i++)
        {
            var start = Math.Min(calls[i].StartedAt, end);
            if (start > covered)
            {
                idle += start - covered;
            }

            covered = Math.Max(covered, Math.Min(calls[i].EndedAt ?? end, end));
        }

        return time.GetElapsedTime(0, idle + (end - covered));
    }
}

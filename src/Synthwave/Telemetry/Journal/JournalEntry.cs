using System.Collections.Immutable;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Journal;

/// <summary>
/// One request as the journal tells it, running or over: a copy of what its report says, without a word of prompt or answer unless the operator wants them kept. Immutable. What is unknown is null; times are
/// milliseconds from the request's start.
/// </summary>
internal sealed record JournalEntry
{
    /// <summary>Most calls of one request that are kept; those that began first.</summary>
    public const int MostCalls = 64;

    // What an entry and a call take without their longer texts, bytes; words and the names of profiles and models are shared.
    private const int BytesOfEntry = 640;
    private const int BytesOfCall = 320;

    /// <summary>Counts the finished requests of this process, from 1; null = it runs.</summary>
    public long? Sequence { get; init; }

    public required string RequestId { get; init; }

    /// <summary>What the client calls it, made harmless as in the log.</summary>
    public string? ClientRequestId { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary><c>chat</c>, <c>responses</c>, <c>messages</c>, <c>completions</c>, <c>embeddings</c> …</summary>
    public string? Dialect { get; init; }

    public string? Profile { get; init; }

    public string? Strategy { get; init; }

    public string? Decision { get; init; }

    public string? FallbackReason { get; init; }

    /// <summary>What was done less than asked.</summary>
    public ImmutableArray<string> Degraded { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Null = it runs.</summary>
    public int? Status { get; init; }

    /// <summary><c>running</c>, <c>success</c>, <c>degraded</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>A word of <see cref="RequestPhases"/>.</summary>
    public required string Phase { get; init; }

    public string? ErrorCode { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Until now while it runs.</summary>
    public double ElapsedMs { get; init; }

    public double? FirstContentMs { get; init; }

    /// <summary>The gateway's own share; null while it runs.</summary>
    public double? OverheadMs { get; init; }

    /// <summary>Generators asked, and drafts they gave.</summary>
    public int? Generators { get; init; }

    /// <inheritdoc cref="Generators"/>
    public int? Drafts { get; init; }

    /// <summary>Of a vote: <c>yes</c> or <c>no</c>.</summary>
    public string? Verdict { get; init; }

    public JournalUsage? Usage { get; init; }

    /// <summary>Whether the tokens of every call are known.</summary>
    public bool UsageComplete { get; init; }

    /// <summary>Null unless every call is priced.</summary>
    public decimal? CostUsd { get; init; }

    public long? BytesIn { get; init; }

    public long BytesOut { get; init; }

    public string? TraceId { get; init; }

    /// <summary>In order of start.</summary>
    public ImmutableArray<JournalCall> Calls { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>How many calls more there were than <see cref="Calls"/> tells of; null = none.</summary>
    public int? CallsLeftOut { get; init; }

    /// <summary>The request's body, its beginning at least; null unless the operator wants it kept.</summary>
    public string? Prompt { get; init; }

    /// <summary>The answer as it was sent, its beginning at least; null unless the operator wants it kept.</summary>
    public string? Answer { get; init; }

    /// <summary>The same without what was said.</summary>
    public JournalEntry WithoutContent() => Prompt is null && Answer is null ? this : this with { Prompt = null, Answer = null };

    /// <summary>The same with no more than the number of its calls.</summary>
    public JournalEntry WithoutCalls() => Calls.IsEmpty ? this : this with { Calls = [], CallsLeftOut = Calls.Length + (CallsLeftOut ?? 0) };

    /// <summary>About what it takes of the memory, bytes.</summary>
    internal int Weight => BytesOfEntry + (Calls.Length * BytesOfCall) + (sizeof(char) * Characters);

    // Of the texts that are its own and may be long.
    private int Characters =>
        Path.Length + (ClientRequestId?.Length ?? 0) + (Prompt?.Length ?? 0) + (Answer?.Length ?? 0) + Calls.Sum(static c => c.Upstream.Length + (c.Detail?.Length ?? 0));

    /// <summary>The request as it stands.</summary>
    /// <param name="record">Its record, closed where it is over.</param>
    /// <param name="report">Its report.</param>
    /// <param name="sequence">Null = it runs.</param>
    /// <param name="time">The clock of the timestamps.</param>
    public static JournalEntry Of(RequestRecord record, DispatchReport report, long? sequence, TimeProvider time)
    {
        var calls = report.Calls;
        var isOver = sequence is not null;
        return new JournalEntry
        {
            Sequence = sequence,
            RequestId = record.RequestId,
            ClientRequestId = record.ClientRequestId,
            Method = record.Method,
            Path = record.Path,
            Dialect = record.Dialect,
            Profile = report.Profile,
            Strategy = report.Strategy?.Word,
            Decision = ReportLabels.Of(report.Decision),
            FallbackReason = ReportLabels.Of(report.FallbackReason),
            Degraded = report.Degraded is { Count: > 0 } steps ? [.. steps.Select(ReportLabels.Of)] : [],
            Status = isOver ? record.Status : null,
            Outcome = isOver ? record.Outcome : "running",
            Phase = RequestPhases.Word(isOver ? JournalPhase.Finished : RequestPhases.Of(report, calls)),
            ErrorCode = report.ErrorCode ?? record.ErrorCode,
            ReceivedAt = record.ReceivedAt,
            ElapsedMs = JournalCall.Milliseconds(isOver ? record.Elapsed : time.GetElapsedTime(record.StartedAt)),
            FirstContentMs = report.FirstContentAt is { } at && at >= report.StartedAt ? JournalCall.Milliseconds(time.GetElapsedTime(report.StartedAt, at)) : null,
            OverheadMs = isOver ? JournalCall.Milliseconds(ReportTimes.Overhead(report, calls, time)) : null,
            Generators = report.Generators,
            Drafts = report.Quorum,
            Verdict = report.Votes is { } votes ? ReportLabels.YesNo(votes.VerdictYes) : null,
            Usage = JournalUsage.Of(report.TotalUsage()),
            UsageComplete = report.UsageIsComplete,
            CostUsd = isOver ? report.CostUsd : null,
            BytesIn = record.BytesIn,
            BytesOut = record.BytesOut,
            TraceId = record.TraceId?.ToHexString(),
            Calls = [.. calls.Take(MostCalls).Select(c => JournalCall.Of(c, report.StartedAt, isOver, time))],
            CallsLeftOut = calls.Count > MostCalls ? calls.Count - MostCalls : null,
        };
    }
}

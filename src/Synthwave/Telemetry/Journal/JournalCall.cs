using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Journal;

/// <summary>One upstream call as the journal tells it. Immutable. What is unknown is null; times are milliseconds.</summary>
internal sealed record JournalCall
{
    /// <summary>Most characters of <see cref="Detail"/>.</summary>
    private const int LongestDetail = 1000;

    public required string Role { get; init; }

    /// <summary>Its name in the file; a second sample is <c>a#2</c>.</summary>
    public required string Upstream { get; init; }

    public required string Model { get; init; }

    /// <summary><c>running</c>, <c>success</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it failed or was cut: the closed set of <see cref="CallReport.Reason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Where the transport failed: <c>refused dns tls reset proxy</c>.</summary>
    public string? Transport { get; init; }

    /// <summary>HTTP status of the upstream's last answer.</summary>
    public int? Status { get; init; }

    /// <summary>What the upstream said of its failure, without keys and addresses.</summary>
    public string? Detail { get; init; }

    public int Attempts { get; init; }

    /// <summary>It is the second call of a hedge.</summary>
    public bool Hedge { get; init; }

    /// <summary>Its answer won a hedge.</summary>
    public bool Won { get; init; }

    /// <summary>The answer's text came from a reasoning field.</summary>
    public bool Rescued { get; init; }

    /// <summary>From the request's start to the call's.</summary>
    public double StartMs { get; init; }

    public double? FirstByteMs { get; init; }

    public double? FirstContentMs { get; init; }

    /// <summary>Until now while it runs.</summary>
    public double ElapsedMs { get; init; }

    /// <summary><c>stop length tool_calls function_call content_filter other</c>.</summary>
    public string? Finish { get; init; }

    public JournalUsage? Usage { get; init; }

    public decimal? CostUsd { get; init; }

    /// <summary>The call as it stands.</summary>
    /// <param name="call">May still run.</param>
    /// <param name="startedAt">When its request began, a timestamp.</param>
    /// <param name="isOver">Whether the request is over: what still runs then was cut.</param>
    /// <param name="time">The clock of the timestamps.</param>
    public static JournalCall Of(CallReport call, long startedAt, bool isOver, TimeProvider time)
    {
        var outcome = call.Outcome;
        var isRunning = outcome is CallOutcome.Running && !isOver;
        var detail = call.Detail;
        return new JournalCall
        {
            Role = ReportLabels.Of(call.Role),
            Upstream = call.Upstream,
            Model = call.Model,
            Outcome = isRunning ? "running" : ReportLabels.Of(outcome),
            Reason = call.Reason,
            Transport = call.Transport,
            Status = call.Status,
            Detail = detail.Length is 0 ? null : detail.Length > LongestDetail ? detail[..LongestDetail] : detail,
            Attempts = call.Attempts,
            Hedge = call.IsHedge,
            Won = call.HasWon,
            Rescued = call.Rescued,
            StartMs = Milliseconds(time.GetElapsedTime(startedAt, call.StartedAt)),
            FirstByteMs = Between(call.StartedAt, call.FirstByteAt, time),
            FirstContentMs = Between(call.StartedAt, call.FirstContentAt, time),
            ElapsedMs = Between(call.StartedAt, call.EndedAt, time) ?? Milliseconds(time.GetElapsedTime(call.StartedAt)),
            Finish = FinishOf(call.FinishReason),
            Usage = JournalUsage.Of(call.Usage),
            CostUsd = isRunning ? null : call.CostUsd,
        };
    }

    /// <summary>With three decimals, as in the log.</summary>
    public static double Milliseconds(TimeSpan span) => Math.Round(Math.Max(0, span.TotalMilliseconds), 3);

    // A time that is being written while it is read may look older than the start: it is then not known yet.
    private static double? Between(long from, long? to, TimeProvider time) =>
        to is { } end && end >= from ? Milliseconds(time.GetElapsedTime(from, end)) : null;

    // The upstream's own word could be anything.
    private static string? FinishOf(string? reason) => reason switch
    {
        null => null,
        "stop" or "length" or "tool_calls" or "function_call" or "content_filter" => reason,
        _ => "other",
    };
}

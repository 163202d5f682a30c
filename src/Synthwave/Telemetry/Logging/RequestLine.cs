using System.Globalization;
using System.Text;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Logging;

/// <summary>
/// A finished request as columns for a person: method and path, status, profile, strategy, milliseconds to the first content and in all, then what there
/// is of tokens, cost, a loss of quality and an error code, and the id. A column that has nothing to say stays blank.
/// </summary>
internal static class RequestLine
{
    // "POST /v1/chat/completions", the longest strategy's name, and the milliseconds of a quarter of an hour.
    private const int PathWidth = 25;
    private const int ProfileWidth = 12;
    private const int StrategyWidth = 11;
    private const int TimeWidth = 6;

    private const string FirstLabel = "first ";

    // As many failures as a person reads; the JSON line has them all.
    private const int MostFailures = 4;

    /// <param name="text">Is added to, without a line's end.</param>
    /// <param name="record">Closed.</param>
    /// <param name="time">The clock of the report's timestamps.</param>
    /// <param name="colour">With ANSI colours.</param>
    public static void Append(StringBuilder text, RequestRecord record, TimeProvider time, bool colour)
    {
        var report = record.Report;
        AnsiText.Append(text, $"{record.Method} {record.Path}".PadRight(PathWidth), null);
        AnsiText.Append(text.Append(' '), record.Status.ToString(CultureInfo.InvariantCulture), colour ? ColourOf(record.Status) : null);
        AnsiText.Append(text.Append(' '), (report?.Profile ?? "").PadRight(ProfileWidth), colour ? AnsiText.Bold : null);
        AnsiText.Append(text.Append(' '), (report?.Strategy?.Word ?? "").PadRight(StrategyWidth), null);
        text.Append(' ');
        if (report is not null && ReportTimes.FirstContent(report, time) is { } first)
        {
            text.Append(FirstLabel).Append(Milliseconds(first));
        }
        else
        {
            text.Append(' ', FirstLabel.Length + TimeWidth);
        }

        text.Append(" total ").Append(Milliseconds(record.Elapsed)).Append(" ms");
        if (report?.TotalUsage() is { } usage)
        {
            text.Append(CultureInfo.InvariantCulture, $" {usage.PromptTokens}+{usage.CompletionTokens} tokens");
        }

        if (report?.CostUsd is { } cost)
        {
            text.Append(CultureInfo.InvariantCulture, $" ${cost:0.######}");
        }

        if (report?.Outcome is DispatchOutcome.Degraded)
        {
            AnsiText.Append(text.Append(' '), record.Outcome, colour ? AnsiText.Yellow : null);
        }

        if ((report?.ErrorCode ?? record.ErrorCode) is { } code)
        {
            AnsiText.Append(text.Append(' '), code, colour ? AnsiText.Red : null);
        }

        AnsiText.Append(text.Append(' '), record.RequestId, colour ? AnsiText.Dim : null);
        if (report is not null)
        {
            AppendFailures(text, report);
        }
    }

    // " | a: rate_limited, 429, 3 attempts: Slow down."
    private static void AppendFailures(StringBuilder text, DispatchReport report)
    {
        var failed = report.Calls.Where(static c => c.Outcome == CallOutcome.Failed).ToArray();
        foreach (var call in failed.Take(MostFailures))
        {
            AnsiText.Append(text.Append(" | "), $"{call.Upstream}: {call.Reason}", null);
            AnsiText.Append(text, call.Transport is { } transport ? $" ({transport})" : "", null);
            text.Append(CultureInfo.InvariantCulture, $"{(call.Status is { } status ? $", {status}" : "")}{(call.Attempts > 1 ? $", {call.Attempts} attempts" : "")}");
            AnsiText.Append(text, call.Detail.Length > 0 ? $": {call.Detail}" : "", null);
        }

        if (failed.Length > MostFailures)
        {
            text.Append(CultureInfo.InvariantCulture, $" | and {failed.Length - MostFailures} more");
        }
    }

    private static string Milliseconds(TimeSpan span) =>
        span.TotalMilliseconds.ToString(span.TotalMilliseconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture).PadLeft(TimeWidth);

    private static string ColourOf(int status) => status switch
    {
        >= 500 => AnsiText.Red,
        >= 400 => AnsiText.Yellow,
        _ => AnsiText.Green,
    };
}

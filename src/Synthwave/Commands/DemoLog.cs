using System.Globalization;
using Serilog.Events;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Commands;

/// <summary>
/// Shows each request of the demo as a small picture: who was asked, who answered after how long, and what was decided. Other lines appear as they are.
/// </summary>
internal sealed class DemoLog(TextWriter output, bool colour) : ILogOutput
{
    private const int Columns = 40;

    public void Write(LogEvent logEvent)
    {
        if (RequestRecordValue.Of(logEvent) is { } record)
        {
            WriteRequest(record);
        }
        else if (logEvent.Level >= LogEventLevel.Warning)
        {
            output.WriteLine(logEvent.RenderMessage(CultureInfo.InvariantCulture));
        }
    }

    public void Flush() => output.Flush();

    public void Dispose()
    {
        // The writer is the process's standard output.
    }

    private void WriteRequest(RequestRecord record)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{record.Method} {record.Path} {record.Status}  {record.Elapsed.TotalMilliseconds:0} ms");
        if (record.Report is not { Calls.Count: > 0 } report)
        {
            output.WriteLine(Tint(title, record.Status < 400 ? 2 : 31));
            return;
        }

        output.WriteLine();
        output.WriteLine(Tint($"{title}  {report.Profile} → {ReportLabels.Of(report.Decision) ?? report.Strategy?.Word}", record.Status < 400 ? 1 : 31));
        var total = Math.Max(1, report.Calls.Max(c => (c.EndedAt ?? c.StartedAt) - report.StartedAt));
        foreach (var call in report.Calls)
        {
            var from = (int)((call.StartedAt - report.StartedAt) * Columns / total);
            var to = Math.Max(from + 1, (int)(((call.EndedAt ?? call.StartedAt) - report.StartedAt) * Columns / total));
            var bar = new string(' ', from) + new string('━', to - from) + new string(' ', Math.Max(0, Columns - to));
            var milliseconds = ((call.EndedAt ?? call.StartedAt) - call.StartedAt) * 1000.0 / TimeProvider.System.TimestampFrequency;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {Role(call.Role),-12}{call.Upstream,-13}{Tint(bar, call.Outcome is CallOutcome.Succeeded ? 36 : 33)} {milliseconds,6:0} ms  {call.Reason ?? Tokens(call)}"));
        }
    }

    private static string Tokens(CallReport call) =>
        call.Usage is { } usage ? string.Create(CultureInfo.InvariantCulture, $"{usage.PromptTokens} → {usage.CompletionTokens} tokens") : "";

    private static string Role(CallRole role) => role switch
    {
        CallRole.Generator => "draft",
        CallRole.Synthesizer => "synthesis",
        CallRole.Voter => "vote",
        _ => "answer",
    };

    private string Tint(string text, int code) => colour ? $"\e[{code}m{text}\e[0m" : text;
}

using Serilog.Events;
using Spectre.Console;
using Synthwave.Commands.Live;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Logging;

namespace Synthwave.Commands;

/// <summary>
/// Where the demo has no terminal to draw on: each request once it is over, in the lines the live view has for it. Other lines appear as they are, from warnings on.
/// </summary>
internal sealed class DemoLog(IAnsiConsole console, TimeProvider time) : ILogOutput
{
    private readonly TextLogOutput _lines = new(new AboveViewWriter(console), colour: false, time);

    public void Write(LogEvent logEvent)
    {
        if (RequestRecordValue.Of(logEvent) is { Report: { } report } record)
        {
            console.Write(new Rows(LiveRequest.Lines(JournalEntry.Of(record, report, 1, time), console.Profile.Width, withCalls: true, [])));
        }
        else if (logEvent.Level >= LogEventLevel.Warning || RequestRecordValue.Of(logEvent) is not null)
        {
            _lines.Write(logEvent);
        }
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();
}

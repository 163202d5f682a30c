using Serilog.Events;
using Spectre.Console;
using Synthwave.Telemetry.Logging;

namespace Synthwave.Commands.Live;

/// <summary>The log while the view is up: its lines appear above the picture. Requests have no line: the picture shows them.</summary>
internal sealed class AboveViewLog(IAnsiConsole console, TimeProvider time) : ILogOutput
{
    private readonly TextLogOutput _lines = new(new AboveViewWriter(console), colour: false, time);

    public void Write(LogEvent logEvent)
    {
        if (RequestRecordValue.Of(logEvent) is null)
        {
            _lines.Write(logEvent);
        }
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();
}

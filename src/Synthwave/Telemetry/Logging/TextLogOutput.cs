using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Sinks.SystemConsole.Themes;

namespace Synthwave.Telemetry.Logging;

/// <summary>Lines for people at a terminal, coloured unless <c>NO_COLOR</c> is set.</summary>
internal sealed class TextLogOutput : ILogOutput
{
    private readonly Logger _console;

    public TextLogOutput(bool colour) => _console = new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .WriteTo.Console(
            outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:l}{NewLine}{Exception}",
            formatProvider: CultureInfo.InvariantCulture,
            theme: colour ? AnsiConsoleTheme.Code : ConsoleTheme.None)
        .CreateLogger();

    public void Write(LogEvent logEvent) => _console.Write(logEvent);

    public void Flush()
    {
        // The console sink flushes each line.
    }

    public void Dispose() => _console.Dispose();
}

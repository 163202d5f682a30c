using System.Globalization;
using System.Text;
using Serilog.Events;

namespace Synthwave.Telemetry.Logging;

/// <summary>
/// Lines for a person at a terminal: local time, level, then the message or, for a request, <see cref="RequestLine"/>. Buffers until flushed. Disposing
/// flushes and leaves the writer open.
/// </summary>
/// <param name="output">Used by the log's writer alone while this lives.</param>
/// <param name="colour">With ANSI colours.</param>
/// <param name="time">The clock of the requests, and its time zone.</param>
internal sealed class TextLogOutput(TextWriter output, bool colour, TimeProvider time) : ILogOutput
{
    private const int FlushAt = 64 * 1024;

    private readonly StringBuilder _text = new();

    public void Write(LogEvent logEvent)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(logEvent.Timestamp, time.LocalTimeZone):HH:mm:ss} ");
        var (level, tint) = LevelOf(logEvent.Level);
        AnsiText.Append(_text, level, colour ? tint : null).Append(' ');
        if (RequestRecordValue.Of(logEvent) is { } record)
        {
            RequestLine.Append(_text, record, time, colour);
        }
        else
        {
            AnsiText.Append(_text, LogMessage.Of(logEvent), null);
        }

        _text.Append('\n');
        if (logEvent.Exception is { } exception)
        {
            AnsiText.Append(_text, LogMessage.Of(exception), null, keepLines: true).Append('\n');
        }

        if (_text.Length >= FlushAt)
        {
            Flush();
        }
    }

    public void Flush()
    {
        try
        {
            output.Write(_text);
            output.Flush();
        }
        finally
        {
            _text.Clear();
        }
    }

    public void Dispose() => Flush();

    private static (string Text, string? Tint) LevelOf(LogEventLevel level) => level switch
    {
        <= LogEventLevel.Debug => ("DBG", AnsiText.Dim),
        LogEventLevel.Information => ("INF", null),
        LogEventLevel.Warning => ("WRN", AnsiText.Yellow),
        _ => ("ERR", AnsiText.Red),
    };
}

using System.Text;
using Serilog.Events;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Logging;

/// <summary>Carries a finished request through the logger unformatted; only the log writer turns it into text.</summary>
internal sealed class RequestRecordValue(RequestRecord record) : LogEventPropertyValue
{
    public const string PropertyName = "Request";

    public RequestRecord Record { get; } = record;

    /// <summary>The finished request an event is about; null = it is about something else.</summary>
    public static RequestRecord? Of(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue(PropertyName, out var value) && value is RequestRecordValue { Record: var record } ? record : null;

    /// <summary>The line for terminals, without colour.</summary>
    public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
    {
        var text = new StringBuilder();
        RequestLine.Append(text, Record, TimeProvider.System, colour: false);
        output.Write(text);
    }
}

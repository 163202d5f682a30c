using System.Globalization;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Synthwave.Telemetry.Logging;

/// <summary>An event's message as text, without the quotes Serilog puts around strings.</summary>
internal static class LogMessage
{
    private static readonly MessageTemplateTextFormatter Formatter = new("{Message:l}", CultureInfo.InvariantCulture);

    public static string Of(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Formatter.Format(logEvent, text);
        return text.ToString();
    }
}

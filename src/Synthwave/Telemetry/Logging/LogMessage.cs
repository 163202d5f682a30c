using System.Globalization;
using System.Text.RegularExpressions;
using Serilog.Events;
using Serilog.Formatting.Display;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Logging;

/// <summary>An event's message and its exception as text, without the quotes Serilog puts around strings.</summary>
internal static class LogMessage
{
    private static readonly MessageTemplateTextFormatter Formatter = new("{Message:l}", CultureInfo.InvariantCulture);

    public static string Of(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Formatter.Format(logEvent, text);
        return text.ToString();
    }

    /// <summary>An exception with its trace. Its words are the platform's, which names addresses with all that is in them: what looks like a secret is replaced.</summary>
    public static string Of(Exception exception)
    {
        try
        {
            return SecretShapes.Mask(exception.ToString());
        }
        catch (RegexMatchTimeoutException)
        {
            return $"{exception.GetType()}{Environment.NewLine}{exception.StackTrace}";
        }
    }
}

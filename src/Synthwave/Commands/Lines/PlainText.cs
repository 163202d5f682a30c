using System.Text;
using Synthwave.Telemetry.Logging;

namespace Synthwave.Commands.Lines;

/// <summary>Text of others for a terminal: what could move the cursor, forge lines or turn the direction of writing is a question mark, as in the log. Pure.</summary>
internal static class PlainText
{
    /// <summary>The same of a text with several lines.</summary>
    public static string OfLines(string? text) => string.Join('\n', (text ?? "").Split('\n').Select(static l => Of(l.TrimEnd('\r').Replace('\t', ' '))));

    /// <summary>One line of it.</summary>
    public static string Of(string? text) => AnsiText.Append(new StringBuilder(), text, colour: null).ToString();
}

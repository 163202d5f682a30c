using System.Globalization;
using System.Text;

namespace Synthwave.Telemetry.Logging;

/// <summary>Colours of a terminal, and text that cannot command it: what would move the cursor, change colours or turn the direction of writing becomes a question mark.</summary>
internal static class AnsiText
{
    public const string Bold = "\e[1m";
    public const string Dim = "\e[2m";
    public const string Red = "\e[31m";
    public const string Green = "\e[32m";
    public const string Yellow = "\e[33m";

    private const string Plain = "\e[0m";

    /// <param name="text">Is added to.</param>
    /// <param name="words">Anything; made harmless.</param>
    /// <param name="colour">One of the colours above; null = none.</param>
    /// <param name="keepLines">Line feeds and tabs stay, for a text of several lines.</param>
    public static StringBuilder Append(StringBuilder text, ReadOnlySpan<char> words, string? colour, bool keepLines = false)
    {
        text.Append(colour);
        foreach (var c in words)
        {
            text.Append(IsHarmless(c) || (keepLines && c is '\n' or '\t') ? c : '?');
        }

        return colour is null ? text : text.Append(Plain);
    }

    private static bool IsHarmless(char c) =>
        char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}

using System.Globalization;

namespace Synthwave.Chat.Completions;

/// <summary>Cuts a finished text into pieces of about 40 characters, preferably behind white space, never within a grapheme.</summary>
internal static class SlicedText
{
    private const int Target = 40;

    /// <summary>A grapheme longer than this is cut like a word: nothing a reader writes is.</summary>
    private const int MaxGrapheme = 256;

    /// <summary>The pieces, lazily; joined they are <paramref name="text"/>.</summary>
    public static IEnumerable<string> Cut(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = NextLength(text.AsSpan(start));
            yield return text.Substring(start, length);
            start += length;
        }
    }

    private static int NextLength(ReadOnlySpan<char> text)
    {
        // The window counts code points, so that a text of emoji is not cut twice as often.
        int end = 0, middle = 0;
        for (var points = 0; points < Target && end < text.Length; points++)
        {
            middle = points == Target / 2 ? end : middle;
            end += PointLength(text, end);
        }

        if (end == text.Length)
        {
            return end;
        }

        for (var i = end - 1; i >= middle; i--)
        {
            if (char.IsWhiteSpace(text[i]) && !IsInsideGrapheme(text, i + 1))
            {
                return i + 1;
            }
        }

        var at = 0;
        while (at < end)
        {
            var grapheme = StringInfo.GetNextTextElementLength(text[at..Math.Min(text.Length, at + MaxGrapheme)]);
            if (at > 0 && at + grapheme > end)
            {
                return at;
            }

            at += grapheme;
        }

        return at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at + 1 : at;
    }

    /// <summary>CRLF is one grapheme, and a combining mark may follow a space.</summary>
    private static bool IsInsideGrapheme(ReadOnlySpan<char> text, int at) =>
        at < text.Length && StringInfo.GetNextTextElementLength(text.Slice(at - 1, Math.Min(2, text.Length - at + 1))) > 1;

    private static int PointLength(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}

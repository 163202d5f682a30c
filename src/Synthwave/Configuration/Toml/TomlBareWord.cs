using System.Buffers;
using System.Globalization;

namespace Synthwave.Configuration.Toml;

/// <summary>Words without quotes that Tomlyn refused as values: which rule of numbers, dates or words they break.</summary>
internal static class TomlBareWord
{
    public const string OutOfRange = "the integer does not fit into 64 bits";

    public static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");

    private const string Missing = "this is no number; a digit is missing";

    private const string Underscore = "this is no number; an underscore must stand between two digits";

    private const string TimeShape = "a time is written hour:minute:second, as in 07:32:00 or 07:32:00.5";

    private static readonly SearchValues<char> Parts =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+.:");

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly SearchValues<char> DigitsAndUnderscore = SearchValues.Create("0123456789_");

    private static readonly SearchValues<char> OctalDigits = SearchValues.Create("01234567");

    private static readonly SearchValues<char> BinaryDigits = SearchValues.Create("01");

    public static bool IsPart(string text, int at) => at < text.Length && Parts.Contains(text[at]);

    /// <summary>Where the word around <paramref name="at"/>, or right before it, starts.</summary>
    public static int StartOf(string text, int at) => text.AsSpan(0, at).LastIndexOfAnyExcept(Parts) + 1;

    /// <summary>The word from <paramref name="start"/>; a date and a time may be one space apart.</summary>
    public static ReadOnlySpan<char> At(string text, int start)
    {
        var length = Length(text.AsSpan(start));
        if (length == 10 && HasShape(text.AsSpan(start, length), "0000-00-00") && text.AsSpan(start + length) is [' ', >= '0' and <= '9', ..])
        {
            length += 1 + Length(text.AsSpan(start + length + 1));
        }

        return text.AsSpan(start, length);
    }

    /// <param name="word">Not empty, and no value.</param>
    public static string Explain(ReadOnlySpan<char> word)
    {
        if (word is [_, _, ':', ..] && IsNumber(word[..2]))
        {
            return ExplainTime(word, hasDate: false);
        }

        if (word is [_, _, _, _, '-', ..] && IsNumber(word[..4]))
        {
            return ExplainDate(word);
        }

        return word[0] is '+' or '-' or '.' or '_' || char.IsAsciiDigit(word[0])
            ? ExplainNumber(word)
            : "this word is no value; text must be quoted";
    }

    private static string ExplainNumber(ReadOnlySpan<char> word)
    {
        if (word is ['0', >= 'a' and <= 'z' and not 'e', ..])
        {
            return ExplainPrefixed(word[1], word[2..]);
        }

        var digits = word is ['+' or '-', ..] ? word[1..] : word;
        if (digits.IsEmpty || !(char.IsAsciiDigit(digits[0]) || digits[0] == '_'))
        {
            return Missing;
        }

        return HasLooseUnderscore(digits, Digits) ? Underscore
            : digits is ['0', (>= '0' and <= '9') or '_', ..] ? "a number has no leading zeros"
            : !digits.ContainsAnyExcept(DigitsAndUnderscore) ? OutOfRange
            : IsCutShort(digits) ? Missing
            : "this is no number";
    }

    private static string ExplainPrefixed(char prefix, ReadOnlySpan<char> digits)
    {
        var known = prefix switch
        {
            'x' => HexDigits,
            'o' => OctalDigits,
            'b' => BinaryDigits,
            _ => null,
        };
        if (known is null)
        {
            return "this is no number; the prefixes are 0x, 0o and 0b";
        }

        if (HasLooseUnderscore(digits, known))
        {
            return Underscore;
        }

        var end = digits.IndexOfAnyExcept(known);
        return digits.IsEmpty || end == 0 ? Missing
            : end > 0 && digits[end] != '_' ? $"this is no number; '{digits[end]}' is no digit of it"
            : OutOfRange;
    }

    /// <summary>A dot or an exponent without a digit right after it.</summary>
    private static bool IsCutShort(ReadOnlySpan<char> digits)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] is '.' or 'e' or 'E')
            {
                var next = i + 1;
                next += digits[i] != '.' && next < digits.Length && digits[next] is '+' or '-' ? 1 : 0;
                if (next == digits.Length || !char.IsAsciiDigit(digits[next]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool HasLooseUnderscore(ReadOnlySpan<char> word, SearchValues<char> digits)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == '_' && (i == 0 || i + 1 == word.Length || !digits.Contains(word[i - 1]) || !digits.Contains(word[i + 1])))
            {
                return true;
            }
        }

        return false;
    }

    private static string ExplainDate(ReadOnlySpan<char> word)
    {
        if (word.Length < 10 || !HasShape(word[..10], "0000-00-00"))
        {
            return "a date is written year-month-day, as in 1979-05-27";
        }

        if (!DateOnly.TryParseExact(word[..10], "yyyy-MM-dd", out _))
        {
            return "this is no day of the calendar";
        }

        return word.Length == 10 || word[10] is 'T' or 't' or ' '
            ? ExplainTime(word[Math.Min(11, word.Length)..], hasDate: true)
            : "date and time are separated by T or one space";
    }

    private static string ExplainTime(ReadOnlySpan<char> time, bool hasDate)
    {
        var end = time.Length > 5 && time[5] == ':' ? 8 : 5;
        if (time.Length < end || !HasShape(time[..end], "00:00:00"[..end]))
        {
            return TimeShape;
        }

        var fraction = time[end..] is ['.', .. var rest] ? Math.Max(rest.IndexOfAnyExcept(Digits), rest.ContainsAnyExcept(Digits) ? 0 : rest.Length) : -1;
        if (fraction == 0)
        {
            return TimeShape;
        }

        if (Number(time[..2]) > 23 || Number(time[3..5]) > 59 || (end == 8 && Number(time[6..8]) > 59))
        {
            return "this is no time of day";
        }

        return fraction > 7 ? "a fraction of a second has at most seven digits"
            : hasDate ? "an offset is Z, +hh:mm or -hh:mm, with hours up to 14 and minutes up to 59"
            : "a time without a date has no offset";
    }

    private static int Length(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Parts) is >= 0 and var end ? end : text.Length;

    private static bool HasShape(ReadOnlySpan<char> text, string shape)
    {
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != shape[i])
            {
                return false;
            }
        }

        return text.Length == shape.Length;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Digits);

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}

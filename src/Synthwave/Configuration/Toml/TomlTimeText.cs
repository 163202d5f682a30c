using System.Globalization;

namespace Synthwave.Configuration.Toml;

/// <summary>RFC 3339 dates and times: every part checked against the calendar, seconds required.</summary>
internal static class TomlTimeText
{
    /// <summary>Whether the token can only be meant as a date or time: four digits and a dash, or two digits and a colon.</summary>
    public static bool LooksLikeTime(ReadOnlySpan<char> token) =>
        token is [_, _, ':', ..] ? char.IsAsciiDigit(token[0]) && char.IsAsciiDigit(token[1])
        : token is [_, _, _, _, '-', ..] && IsNumber(token[..4]);

    /// <summary>Whether the token is shaped like a date and nothing else, so that a time may follow after one space.</summary>
    public static bool IsDateOnly(ReadOnlySpan<char> token) => token.Length == 10 && HasShape(token, "0000-00-00");

    public static TomlTime? Read(ReadOnlySpan<char> token, TomlPosition position, out string reason)
    {
        reason = "";
        var rest = token;
        var hasDate = token[2] != ':';
        if (hasDate)
        {
            if (token.Length < 10 || !HasShape(token[..10], "0000-00-00"))
            {
                reason = "a date is written year-month-day, as in 1979-05-27";
                return null;
            }

            if (!IsCalendarDate(Number(token[..4]), Number(token[5..7]), Number(token[8..10])))
            {
                reason = $"{token[..10]} is no day of the calendar";
                return null;
            }

            rest = token[10..];
            if (rest.IsEmpty)
            {
                return new TomlTime(TomlTimeKind.LocalDate, token.ToString(), position);
            }

            if (rest[0] is not ('T' or 't' or ' '))
            {
                reason = "date and time are separated by T or one space";
                return null;
            }

            rest = rest[1..];
        }

        var length = TimeLength(rest);
        if (length == 0)
        {
            reason = "a time is written hour:minute:second, as in 07:32:00 or 07:32:00.5";
            return null;
        }

        // 60 is a leap second: RFC 3339 knows them, and which minutes have one is not for a reader to say.
        if (Number(rest[..2]) > 23 || Number(rest[3..5]) > 59 || Number(rest[6..8]) > 60)
        {
            reason = $"{rest[..8]} is no time of day";
            return null;
        }

        var time = rest[..length];
        var offset = rest[length..];
        if (!hasDate)
        {
            if (offset.IsEmpty)
            {
                return new TomlTime(TomlTimeKind.LocalTime, token.ToString(), position);
            }

            reason = "a time without a date has no offset";
            return null;
        }

        if (!offset.IsEmpty && !IsOffset(offset))
        {
            reason = "an offset is Z, +hh:mm or -hh:mm, with hours up to 23 and minutes up to 59";
            return null;
        }

        var kind = offset.IsEmpty ? TomlTimeKind.LocalDateTime : TomlTimeKind.OffsetDateTime;
        return new TomlTime(kind, $"{token[..10]}T{time}{(offset is "z" ? "Z" : offset)}", position);
    }

    /// <summary>Length of <c>00:00:00</c> or <c>00:00:00.0…</c> at the start; 0 = neither.</summary>
    private static int TimeLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 8 || !HasShape(text[..8], "00:00:00"))
        {
            return 0;
        }

        if (text.Length == 8 || text[8] != '.')
        {
            return 8;
        }

        var end = 9;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end > 9 ? end : 0;
    }

    private static bool IsOffset(ReadOnlySpan<char> text) =>
        text is "Z" or "z"
        || (text.Length == 6 && text[0] is '+' or '-' && HasShape(text[1..], "00:00") && Number(text[1..3]) <= 23 && Number(text[4..6]) <= 59);

    private static bool IsCalendarDate(int year, int month, int day)
    {
        var leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        var days = month switch
        {
            2 => leap ? 29 : 28,
            4 or 6 or 9 or 11 => 30,
            >= 1 and <= 12 => 31,
            _ => 0,
        };

        // RFC 3339 would allow the year 0; no calendar type can hold it.
        return year >= 1 && day >= 1 && day <= days;
    }

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

    private static bool IsNumber(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}

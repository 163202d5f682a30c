using System.Globalization;

namespace Synthwave.Configuration.Toml;

/// <summary>Values written without quotes or brackets: booleans, numbers, dates and times. Pure: text in, value or reason out.</summary>
internal static class TomlBareValue
{
    private enum Digits { Decimal, Hex, Octal, Binary }

    /// <param name="token">Everything up to the next delimiter; never empty.</param>
    /// <param name="position">Where the token starts.</param>
    /// <param name="reason">Why the token is no value; empty when it is one.</param>
    public static TomlValue? Read(ReadOnlySpan<char> token, TomlPosition position, out string reason)
    {
        reason = "";
        switch (token)
        {
            case "true":
                return new TomlBoolean(true, position);
            case "false":
                return new TomlBoolean(false, position);
            case "inf" or "+inf":
                return new TomlFloat(double.PositiveInfinity, position);
            case "-inf":
                return new TomlFloat(double.NegativeInfinity, position);
            case "nan" or "+nan" or "-nan":
                return new TomlFloat(double.NaN, position);
        }

        if (TomlTimeText.LooksLikeTime(token))
        {
            return TomlTimeText.Read(token, position, out reason);
        }

        if (!char.IsAsciiDigit(token[0]) && token[0] is not ('+' or '-' or '.' or '_'))
        {
            reason = $"'{Shorten(token)}' is no value; text must be quoted";
            return null;
        }

        return token is ['0', >= 'a' and <= 'z' and not 'e', ..] ? ReadPrefixed(token, position, ref reason) : ReadDecimal(token, position, ref reason);
    }

    private static TomlInteger? ReadPrefixed(ReadOnlySpan<char> token, TomlPosition position, ref string reason)
    {
        (Digits kind, int bits)? form = token[1] switch
        {
            'x' => (Digits.Hex, 4),
            'o' => (Digits.Octal, 3),
            'b' => (Digits.Binary, 1),
            _ => null,
        };
        if (form is not var (kind, bits))
        {
            reason = $"'{Shorten(token)}' is no number; the prefixes are 0x, 0o and 0b";
            return null;
        }

        var index = 2;
        if (!TakeDigits(token, ref index, kind, ref reason))
        {
            return null;
        }

        if (index < token.Length)
        {
            reason = $"'{Shorten(token)}' is no number; '{token[index]}' is no digit of it";
            return null;
        }

        ulong value = 0;
        foreach (var c in token[2..])
        {
            if (c == '_')
            {
                continue;
            }

            if (value >> (63 - bits) != 0)
            {
                reason = OutOfRange;
                return null;
            }

            value = (value << bits) | (uint)Convert.ToInt32(c.ToString(), 16);
        }

        return new TomlInteger((long)value, position);
    }

    private static TomlValue? ReadDecimal(ReadOnlySpan<char> token, TomlPosition position, ref string reason)
    {
        var index = token[0] is '+' or '-' ? 1 : 0;
        var first = index;
        if (!TakeDigits(token, ref index, Digits.Decimal, ref reason))
        {
            return null;
        }

        if (token[first] == '0' && index > first + 1)
        {
            reason = "a number has no leading zeros";
            return null;
        }

        if (index == token.Length)
        {
            if (long.TryParse(Plain(token), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            {
                return new TomlInteger(integer, position);
            }

            reason = OutOfRange;
            return null;
        }

        if (token[index] == '.')
        {
            index++;
            if (!TakeDigits(token, ref index, Digits.Decimal, ref reason))
            {
                return null;
            }
        }

        if (index < token.Length && token[index] is 'e' or 'E')
        {
            index++;
            index += index < token.Length && token[index] is '+' or '-' ? 1 : 0;
            if (!TakeDigits(token, ref index, Digits.Decimal, ref reason))
            {
                return null;
            }
        }

        if (index < token.Length)
        {
            reason = $"'{Shorten(token)}' is no number";
            return null;
        }

        return new TomlFloat(double.Parse(Plain(token), NumberStyles.Float, CultureInfo.InvariantCulture), position);
    }

    private const string OutOfRange = "the integer does not fit into 64 bits";

    /// <summary>One or more digits, single underscores between them.</summary>
    private static bool TakeDigits(ReadOnlySpan<char> token, ref int index, Digits kind, ref string reason)
    {
        var start = index;
        var previousIsDigit = false;
        while (index < token.Length)
        {
            if (IsDigit(token[index], kind))
            {
                previousIsDigit = true;
            }
            else if (token[index] == '_' && previousIsDigit)
            {
                previousIsDigit = false;
            }
            else
            {
                break;
            }

            index++;
        }

        if (previousIsDigit && (index == token.Length || token[index] != '_'))
        {
            return true;
        }

        reason = index > start || (index < token.Length && token[index] == '_')
            ? $"'{Shorten(token)}' is no number; an underscore must stand between two digits"
            : $"'{Shorten(token)}' is no number; a digit is missing";
        return false;
    }

    private static bool IsDigit(char c, Digits kind) => kind switch
    {
        Digits.Hex => char.IsAsciiHexDigit(c),
        Digits.Octal => c is >= '0' and <= '7',
        Digits.Binary => c is '0' or '1',
        _ => char.IsAsciiDigit(c),
    };

    private static string Plain(ReadOnlySpan<char> token) => token.ToString().Replace("_", "", StringComparison.Ordinal);

    private static string Shorten(ReadOnlySpan<char> token) => token.Length <= 40 ? token.ToString() : $"{token[..40]}…";
}

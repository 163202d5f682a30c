using System.Globalization;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>The lenient reading of scalars: numbers in strings, whole floats as integers, words as booleans.</summary>
internal static class Coercion
{
    /// <summary>An integer, a whole float, a numeric string or a boolean; values beyond 64 bits come as the nearest that fits.</summary>
    public static bool TryInteger(TomlValue value, out long result)
    {
        result = 0;
        switch (value)
        {
            case TomlInteger i:
                result = i.Value;
                return true;
            case TomlBoolean b:
                result = b.Value ? 1 : 0;
                return true;
            case TomlFloat f when double.IsFinite(f.Value) && Math.Floor(f.Value) == f.Value:
                result = Saturate(f.Value);
                return true;
            case TomlString s when TryPlain(s.Value, out var text):
                return TryIntegerText(text, out result);
            default:
                return false;
        }
    }

    /// <summary>A float, an integer, a boolean or a numeric string, <c>inf</c> and <c>nan</c> included.</summary>
    public static bool TryNumber(TomlValue value, out double result)
    {
        result = 0;
        switch (value)
        {
            case TomlFloat f:
                result = f.Value;
                return true;
            case TomlInteger i:
                result = i.Value;
                return true;
            case TomlBoolean b:
                result = b.Value ? 1 : 0;
                return true;
            case TomlString s:
                return TryNumberText(s.Value, out result);
            default:
                return false;
        }
    }

    /// <summary>A number as text, the way an environment variable or a quoted value gives it.</summary>
    public static bool TryNumberText(string text, out double result)
    {
        switch (text.Trim().TrimStart('+').ToLowerInvariant())
        {
            case "inf" or "infinity":
                result = double.PositiveInfinity;
                return true;
            case "-inf" or "-infinity":
                result = double.NegativeInfinity;
                return true;
            case "nan" or "-nan":
                result = double.NaN;
                return true;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        result = 0;
        return TryPlain(text, out var plain)
            && plain.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E')
            && double.TryParse(plain, Style, CultureInfo.InvariantCulture, out result);
    }

    public static bool TryFlag(TomlValue value, out bool result)
    {
        (var known, result) = value switch
        {
            TomlBoolean b => (true, b.Value),
            TomlInteger { Value: 0 or 1 } i => (true, i.Value == 1),
            TomlFloat { Value: 0 or 1 } f => (true, f.Value == 1),
            TomlString s => s.Value.ToLowerInvariant() switch
            {
                "true" or "yes" or "on" or "t" or "y" or "1" => (true, true),
                "false" or "no" or "off" or "f" or "n" or "0" => (true, false),
                _ => (false, false),
            },
            _ => (false, false),
        };
        return known;
    }

    private static bool TryIntegerText(string text, out long result)
    {
        // "8400.0" is a whole number too.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot > 0 && text.AsSpan(dot + 1).IndexOfAnyExcept('0') < 0 ? text[..dot] : text;
        if (long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out result))
        {
            return true;
        }

        var digits = whole.AsSpan().TrimStart("+-");
        if (digits.IsEmpty || whole.Length - digits.Length > 1 || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        result = whole[0] == '-' ? long.MinValue : long.MaxValue;
        return true;
    }

    /// <summary>Trims, and removes underscores that stand between digits.</summary>
    private static bool TryPlain(string text, out string plain)
    {
        plain = text.Trim();
        for (var i = 0; i < plain.Length; i++)
        {
            if (plain[i] == '_' && !(i > 0 && i + 1 < plain.Length && char.IsAsciiDigit(plain[i - 1]) && char.IsAsciiDigit(plain[i + 1])))
            {
                return false;
            }
        }

        plain = plain.Replace("_", "", StringComparison.Ordinal);
        return plain.Length > 0;
    }

    private static long Saturate(double value) => value switch
    {
        >= long.MaxValue => long.MaxValue,
        <= long.MinValue => long.MinValue,
        _ => (long)value,
    };
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>How numbers are written.</summary>
internal enum NumberForm
{
    /// <summary>Integers as they are, everything else as the shortest text of a double, with a point or an exponent: 1 and 1.0 differ.</summary>
    Typed,

    /// <summary>By value: 1, 1.0 and 1e0 are the same.</summary>
    ByValue,
}

/// <summary>
/// One spelling for equal JSON: members sorted by code point at every depth (of a repeated name the last counts), <c>", "</c> and <c>": "</c> between
/// the parts, everything outside printable ASCII as <c>\uxxxx</c>.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>The canonical form of a call's arguments; text that is no JSON stays as it is.</summary>
    public static string OfArguments(string arguments, NumberForm numbers) => TryParse(arguments, numbers) ?? arguments;

    /// <summary>The canonical form; null = no JSON.</summary>
    public static string? TryParse(string json, NumberForm numbers)
    {
        // Half of a surrogate pair, which the text may hold, becomes a mark of what is none.
        using var document = JsonReading.TryDocument(Encoding.UTF8.GetBytes(json));
        return document is null ? null : Of(document.RootElement, numbers);
    }

    public static string Of(JsonElement value, NumberForm numbers)
    {
        var text = new StringBuilder();
        Write(value, numbers, text);
        return text.ToString();
    }

    /// <summary>Appends <paramref name="text"/> as a JSON string in ASCII.</summary>
    public static void WriteString(string text, StringBuilder output)
    {
        output.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\b' => output.Append("\\b"),
                '\f' => output.Append("\\f"),
                >= ' ' and <= '~' => output.Append(c),
                _ => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        output.Append('"');
    }

    private static void Write(JsonElement value, NumberForm numbers, StringBuilder output)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, numbers, output);
                break;
            case JsonValueKind.Array:
                output.Append('[');
                var isFirst = true;
                foreach (var item in value.EnumerateArray())
                {
                    output.Append(isFirst ? "" : ", ");
                    isFirst = false;
                    Write(item, numbers, output);
                }

                output.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(value.Text(), output);
                break;
            case JsonValueKind.Number:
                output.Append(Number(value.GetRawText(), numbers));
                break;
            default:
                output.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteObject(JsonElement value, NumberForm numbers, StringBuilder output)
    {
        var members = new SortedDictionary<string, JsonElement>(CodePointOrder.Instance);
        foreach (var member in value.EnumerateObject())
        {
            members[member.NameText()] = member.Value;
        }

        output.Append('{');
        var isFirst = true;
        foreach (var (name, member) in members)
        {
            output.Append(isFirst ? "" : ", ");
            isFirst = false;
            WriteString(name, output);
            output.Append(": ");
            Write(member, numbers, output);
        }

        output.Append('}');
    }

    private static string Number(string literal, NumberForm numbers)
    {
        if (literal.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return literal == "-0" ? "0" : literal;
        }

        var value = double.Parse(literal, CultureInfo.InvariantCulture);
        return numbers is NumberForm.ByValue && double.IsInteger(value) && Math.Abs(value) < 1e15
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : Double(value);
    }

    // Shortest digits that read back as the same double; an exponent below 1e-4 and from 1e16 on.
    private static string Double(double value)
    {
        if (double.IsInfinity(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        var (digits, exponent) = Shortest(Math.Abs(value));
        var sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? $".{digits.AsSpan(1)}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length > exponent + 1
            ? $"{sign}{digits.AsSpan(0, exponent + 1)}.{digits.AsSpan(exponent + 1)}"
            : $"{sign}{digits.PadRight(exponent + 1, '0')}.0";
    }

    /// <summary>Significant digits, and the power of ten of the first one.</summary>
    private static (string Digits, int Exponent) Shortest(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa.Length : point;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return digits.Length == 0 ? ("0", 0) : (digits.TrimEnd('0'), exponent + whole - 1 - (all.Length - digits.Length));
    }

    /// <summary>UTF-16 order puts astral characters before U+E000; code point order does not.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static CodePointOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var length = Math.Min(x!.Length, y!.Length);
            for (var i = 0; i < length; i++)
            {
                if (x[i] != y[i])
                {
                    var (left, right) = (char.IsSurrogate(x[i]), char.IsSurrogate(y[i]));
                    return left == right ? x[i].CompareTo(y[i]) : left ? 1 : -1;
                }
            }

            return x.Length.CompareTo(y.Length);
        }
    }
}

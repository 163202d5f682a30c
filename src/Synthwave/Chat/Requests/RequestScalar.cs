using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Lenient scalars: numeric strings, bool words and integral floats are taken for what they mean. Each method leaves the reader on the last token
/// of the value, also when it refuses it.
/// </summary>
internal static class RequestScalar
{
    // Longer strings are neither numbers anyone means nor bool words.
    private const int LongestText = 128;

    public static bool TryReadBool(ref Utf8JsonReader reader, out bool value)
    {
        value = reader.TokenType == JsonTokenType.True;
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return true;
            case JsonTokenType.Number when reader.TryGetDouble(out var number):
                value = number == 1;
                return number is 0 or 1;
            case JsonTokenType.String:
                Span<byte> buffer = stackalloc byte[LongestText];
                return TryParseWord(Text(in reader, buffer), out value);
            default:
                reader.Skip();
                return false;
        }
    }

    /// <summary>Reads a whole number; one beyond the range of <see cref="int"/> becomes the nearest that is in it.</summary>
    public static bool TryReadInt(ref Utf8JsonReader reader, out int value)
    {
        value = 0;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var whole))
        {
            value = (int)Math.Clamp(whole, int.MinValue, int.MaxValue);
            return true;
        }

        if (!TryReadNumber(ref reader, out var number) || !double.IsInteger(number))
        {
            return false;
        }

        value = (int)Math.Clamp(number, int.MinValue, int.MaxValue);
        return true;
    }

    /// <summary>Reads a number, which may be NaN or infinite when a string says so.</summary>
    public static bool TryReadNumber(ref Utf8JsonReader reader, out double value)
    {
        value = reader.TokenType == JsonTokenType.True ? 1 : 0;
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return true;
            case JsonTokenType.Number:
                return reader.TryGetDouble(out value);
            case JsonTokenType.String:
                Span<byte> buffer = stackalloc byte[LongestText];
                var text = Text(in reader, buffer);
                return Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;
            default:
                reader.Skip();
                return false;
        }
    }

    public static bool TryReadDecimal(ref Utf8JsonReader reader, out decimal value)
    {
        value = 0;
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return reader.TryGetDecimal(out value);
            case JsonTokenType.String:
                Span<byte> buffer = stackalloc byte[LongestText];
                return decimal.TryParse(Text(in reader, buffer), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
            default:
                reader.Skip();
                return false;
        }
    }

    /// <summary>Whether a value counts as set where any type is allowed: everything but null, false, zero and what is empty.</summary>
    public static bool ReadTruth(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.Number:
                return !reader.TryGetDouble(out var number) || number != 0;
            case JsonTokenType.String:
                return !reader.ValueSpan.IsEmpty;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var depth = reader.CurrentDepth;
                reader.Read();
                var isEmpty = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                while (reader.CurrentDepth > depth)
                {
                    reader.Read();
                }

                return !isEmpty;
            default:
                return false;
        }
    }

    private static ReadOnlySpan<byte> Text(in Utf8JsonReader reader, Span<byte> buffer)
    {
        var raw = reader.ValueSpan;
        if (raw.Length > buffer.Length)
        {
            return default;
        }

        if (!reader.ValueIsEscaped)
        {
            raw.CopyTo(buffer);
            return buffer[..raw.Length].Trim(" \t\r\n"u8);
        }

        return JsonText.TryDecode(raw, buffer, out var written) ? buffer[..written].Trim(" \t\r\n"u8) : default;
    }

    private static bool TryParseWord(ReadOnlySpan<byte> word, out bool value)
    {
        value = IsOneOf(word, "true", "yes", "on", "t", "y", "1");
        return value || IsOneOf(word, "false", "no", "off", "f", "n", "0");
    }

    private static bool IsOneOf(ReadOnlySpan<byte> word, params ReadOnlySpan<string> choices)
    {
        foreach (var choice in choices)
        {
            if (Ascii.EqualsIgnoreCase(word, choice))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Buffers;
using System.Text;

namespace Synthwave.Json;

/// <summary>One escape within a JSON string. What is read must come from a document already found to be valid JSON.</summary>
internal static class JsonEscape
{
    /// <summary>Bytes of the longest escape.</summary>
    public const int MaxLength = 6;

    /// <summary>Reads the escape <paramref name="text"/> starts with as one UTF-16 unit; half of a surrogate pair is one. Returns the bytes it takes.</summary>
    public static int ReadUnit(ReadOnlySpan<byte> text, out char unit)
    {
        if (text[1] == 'u')
        {
            unit = (char)(Digit(text[2]) << 12 | Digit(text[3]) << 8 | Digit(text[4]) << 4 | Digit(text[5]));
            return MaxLength;
        }

        unit = text[1] switch
        {
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            var literal => (char)literal,
        };
        return 2;
    }

    /// <summary>The same as a whole character, for which a surrogate pair takes two escapes. Null = half of one.</summary>
    public static int ReadRune(ReadOnlySpan<byte> text, out Rune? rune)
    {
        var consumed = ReadUnit(text, out var unit);
        if (Rune.TryCreate(unit, out var single))
        {
            rune = single;
            return consumed;
        }

        if (text.Length >= 2 * MaxLength && text[MaxLength] == '\\' && text[MaxLength + 1] == 'u')
        {
            ReadUnit(text[MaxLength..], out var low);
            if (Rune.TryCreate(unit, low, out var pair))
            {
                rune = pair;
                return 2 * MaxLength;
            }
        }

        rune = null;
        return consumed;
    }

    /// <summary>Writes one UTF-16 unit as an escape, by its letter where it has one.</summary>
    public static void Write(char unit, IBufferWriter<byte> output)
    {
        var letter = unit switch { '"' => '"', '\\' => '\\', '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => '\0' };
        if (letter != '\0')
        {
            output.Write([(byte)'\\', (byte)letter]);
            return;
        }

        var digits = "0123456789abcdef"u8;
        output.Write([(byte)'\\', (byte)'u', digits[unit >> 12], digits[unit >> 8 & 15], digits[unit >> 4 & 15], digits[unit & 15]]);
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;
}

using System.Buffers;
using System.Text;

namespace Synthwave.Json;

/// <summary>
/// The text between the quotes of a JSON string, escaped UTF-8 on one side and characters on the other. Half of a surrogate pair survives both
/// ways: some servers cut a pair between two events, and the client joins it again.
/// </summary>
internal static class ChunkText
{
    public static string Unescape(ReadOnlySpan<byte> body)
    {
        if (!body.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(body);
        }

        var output = new ArrayBufferWriter<char>(body.Length);
        Unescape(body, output);
        return new string(output.WrittenSpan);
    }

    /// <summary>Appends the characters of a string body that a JSON reader has accepted.</summary>
    public static void Unescape(ReadOnlySpan<byte> body, IBufferWriter<char> output)
    {
        while (!body.IsEmpty)
        {
            var run = body.IndexOf((byte)'\\');
            var plain = run < 0 ? body : body[..run];
            var target = output.GetSpan(plain.Length + 1);
            var written = Encoding.UTF8.GetChars(plain, target);
            if (run < 0)
            {
                output.Advance(written);
                return;
            }

            var (character, length) = ReadEscape(body[run..]);
            target[written] = character;
            output.Advance(written + 1);
            body = body[(run + length)..];
        }
    }

    /// <summary>Appends <paramref name="text"/> as the body of a JSON string, escaping only what JSON requires.</summary>
    public static void Escape(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c >= ' ' && c is not ('"' or '\\') && !char.IsSurrogate(c))
            {
                continue;
            }

            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            Encoding.UTF8.GetBytes(text[start..i], output);
            WriteEscape(c, output);
            start = i + 1;
        }

        Encoding.UTF8.GetBytes(text[start..], output);
    }

    /// <summary><paramref name="text"/> as a JSON string, quotes included.</summary>
    public static byte[] Quote(ReadOnlySpan<char> text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        output.Write("\""u8);
        Escape(text, output);
        output.Write("\""u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether the body is nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return true;
        }

        // Most pieces start with a printable ASCII character.
        return body[0] is <= (byte)' ' or (byte)'\\' or >= 0x7F && Unescape(body).AsSpan().IsWhiteSpace();
    }

    /// <summary>UTF-16 length of the text.</summary>
    public static int CountChars(ReadOnlySpan<byte> body)
    {
        var count = 0;
        while (true)
        {
            var run = body.IndexOf((byte)'\\');
            if (run < 0)
            {
                return count + Encoding.UTF8.GetCharCount(body);
            }

            count += Encoding.UTF8.GetCharCount(body[..run]) + 1;
            body = body[(run + (body[run + 1] == 'u' ? 6 : 2))..];
        }
    }

    private static (char Character, int Length) ReadEscape(ReadOnlySpan<byte> escape) => escape[1] switch
    {
        (byte)'n' => ('\n', 2),
        (byte)'r' => ('\r', 2),
        (byte)'t' => ('\t', 2),
        (byte)'b' => ('\b', 2),
        (byte)'f' => ('\f', 2),
        (byte)'u' => ((char)(Hex(escape[2]) << 12 | Hex(escape[3]) << 8 | Hex(escape[4]) << 4 | Hex(escape[5])), 6),
        var other => ((char)other, 2),
    };

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static void WriteEscape(char c, IBufferWriter<byte> output)
    {
        var shorthand = c switch { '"' => '"', '\\' => '\\', '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => '\0' };
        if (shorthand != '\0')
        {
            output.Write([(byte)'\\', (byte)shorthand]);
            return;
        }

        var digits = "0123456789abcdef"u8;
        output.Write([(byte)'\\', (byte)'u', digits[c >> 12], digits[c >> 8 & 15], digits[c >> 4 & 15], digits[c & 15]]);
    }
}

using System.Buffers;
using System.Text;

namespace Synthwave.Json;

/// <summary>Lengths and places of JSON text in another form than the one it stands in, without building that form. Raw strings as in <see cref="JsonText"/>.</summary>
internal static class JsonMeasure
{
    private const int ReplacementLength = 3;

    // Inside a string these bytes are the same with and without escaping of everything outside printable ASCII.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>UTF-8 bytes of the unescaped text. Half of a surrogate pair counts like the replacement character.</summary>
    public static int Utf8Length(ReadOnlySpan<byte> raw)
    {
        var length = raw.Length;
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            raw = raw[at..];
            var consumed = JsonEscape.ReadRune(raw, out var rune);
            length -= consumed - (rune?.Utf8SequenceLength ?? ReplacementLength);
            raw = raw[consumed..];
        }

        return length;
    }

    /// <summary>UTF-16 units of the unescaped text.</summary>
    public static int Utf16Length(ReadOnlySpan<byte> raw)
    {
        var length = 0;
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            length += Encoding.UTF8.GetCharCount(raw[..at]) + 1;
            raw = raw[(at + (raw[at + 1] == 'u' ? JsonEscape.MaxLength : 2))..];
        }

        return length + Encoding.UTF8.GetCharCount(raw);
    }

    /// <summary>
    /// Where the unescaped byte <paramref name="decoded"/> lies in the raw text. Inside a character (or an escape, a surrogate pair being one) the
    /// result is the character's start, with <paramref name="roundUp"/> its end. At most <c>raw.Length</c>.
    /// </summary>
    public static int RawOffset(ReadOnlySpan<byte> raw, int decoded, bool roundUp)
    {
        var at = 0;
        while (true)
        {
            var plain = raw[at..].IndexOf((byte)'\\');
            if (plain < 0 || decoded <= plain)
            {
                var offset = Math.Min(raw.Length, at + decoded);
                while (offset < raw.Length && (raw[offset] & 0xC0) == 0x80)
                {
                    offset += roundUp ? 1 : -1;
                }

                return offset;
            }

            at += plain;
            decoded -= plain;
            var consumed = JsonEscape.ReadRune(raw[at..], out var rune);
            var length = rune?.Utf8SequenceLength ?? ReplacementLength;
            if (decoded < length)
            {
                return roundUp ? at + consumed : at;
            }

            at += consumed;
            decoded -= length;
        }
    }

    /// <summary>
    /// Characters of a JSON value written with <c>", "</c> and <c>": "</c> between its parts and everything outside printable ASCII escaped as
    /// <c>\uXXXX</c> per UTF-16 unit. Numbers count as they are written.
    /// </summary>
    public static long SpacedLength(ReadOnlySpan<byte> json)
    {
        long length = 0;
        while (!json.IsEmpty)
        {
            switch (json[0])
            {
                case (byte)'"':
                    length += EscapedStringLength(json, out var consumed);
                    json = json[consumed..];
                    continue;
                case (byte)',' or (byte)':':
                    length += 2;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                default:
                    length++;
                    break;
            }

            json = json[1..];
        }

        return length;
    }

    private static long EscapedStringLength(ReadOnlySpan<byte> json, out int consumed)
    {
        long length = 2;
        var at = 1;
        while (true)
        {
            var plain = json[at..].IndexOfAnyExcept(Plain);
            length += plain;
            at += plain;
            if (json[at] == '"')
            {
                consumed = at + 1;
                return length;
            }

            if (json[at] == '\\')
            {
                at += JsonEscape.ReadRune(json[at..], out var escaped);
                length += escaped is null ? JsonEscape.MaxLength : EscapedLength(escaped.Value);
            }
            else
            {
                Rune.DecodeFromUtf8(json[at..], out var rune, out var bytes);
                at += bytes;
                length += EscapedLength(rune);
            }
        }
    }

    private static int EscapedLength(Rune rune) => rune.Value switch
    {
        '"' or '\\' or '\n' or '\r' or '\t' or '\b' or '\f' => 2,
        >= ' ' and <= '~' => 1,
        _ => JsonEscape.MaxLength * rune.Utf16SequenceLength,
    };
}

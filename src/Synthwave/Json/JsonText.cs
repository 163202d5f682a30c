using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Synthwave.Json;

/// <summary>
/// Arithmetic on JSON text without building it. A "raw" string is what stands between the quotes of a string token, escapes included; all
/// inputs must come from a document already found to be valid JSON and valid UTF-8.
/// </summary>
internal static class JsonText
{
    private const int ReplacementLength = 3;

    // Inside a string these bytes are the same with and without escaping of everything outside printable ASCII.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>UTF-8 bytes of the unescaped text. A lone surrogate escape counts like the replacement character.</summary>
    public static int DecodedLength(ReadOnlySpan<byte> raw)
    {
        var length = raw.Length;
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            raw = raw[at..];
            var consumed = ReadEscape(raw, out var rune);
            length -= consumed - (rune?.Utf8SequenceLength ?? ReplacementLength);
            raw = raw[consumed..];
        }

        return length;
    }

    /// <summary>
    /// Unescapes into <paramref name="destination"/>, which must hold <c>raw.Length</c> bytes. False = a lone surrogate escape: the text has no UTF-8 form.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = 0;
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            raw[..at].CopyTo(destination[written..]);
            written += at;
            raw = raw[at..];
            var consumed = ReadEscape(raw, out var rune);
            if (rune is null)
            {
                return false;
            }

            written += rune.Value.EncodeToUtf8(destination[written..]);
            raw = raw[consumed..];
        }

        raw.CopyTo(destination[written..]);
        written += raw.Length;
        return true;
    }

    /// <summary>The unescaped text; null when it contains a lone surrogate escape.</summary>
    public static string? Decode(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        if (!isEscaped)
        {
            return Encoding.UTF8.GetString(raw);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return TryDecode(raw, buffer, out var written) ? Encoding.UTF8.GetString(buffer, 0, written) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether the unescaped text is <paramref name="expected"/> (at most 64 bytes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(ReadOnlySpan<byte> raw, bool isEscaped, ReadOnlySpan<byte> expected) =>
        isEscaped ? MatchesEscaped(raw, expected) : raw.SequenceEqual(expected);

    /// <summary>Whether the unescaped text is <paramref name="expected"/>, of any length.</summary>
    public static bool EqualsDecoded(ReadOnlySpan<byte> raw, bool isEscaped, ReadOnlySpan<byte> expected)
    {
        if (!isEscaped)
        {
            return raw.SequenceEqual(expected);
        }

        if (raw.Length <= expected.Length || DecodedLength(raw) != expected.Length)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return TryDecode(raw, buffer, out var written) && buffer.AsSpan(0, written).SequenceEqual(expected);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
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
            var consumed = ReadEscape(raw[at..], out var rune);
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
    /// A client's text made fit to be shown in a message: unescaped, cut to <paramref name="maxChars"/> characters with an ellipsis, controls and
    /// other invisible characters replaced.
    /// </summary>
    public static string Excerpt(ReadOnlySpan<byte> raw, int maxChars = 64)
    {
        var text = new StringBuilder(Math.Min(raw.Length, maxChars + 1));
        while (!raw.IsEmpty)
        {
            int consumed;
            Rune? rune;
            if (raw[0] == '\\')
            {
                consumed = ReadEscape(raw, out rune);
            }
            else
            {
                Rune.DecodeFromUtf8(raw, out var decoded, out consumed);
                rune = decoded;
            }

            var visible = Visible(rune ?? Rune.ReplacementChar);
            if (text.Length + visible.Utf16SequenceLength > maxChars)
            {
                return text.Append('…').ToString();
            }

            text.Append(visible.ToString());
            raw = raw[consumed..];
        }

        return text.ToString();
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

    private static bool MatchesEscaped(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> expected)
    {
        const int LongestEscape = 6;
        if (raw.Length > expected.Length * LongestEscape)
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[64 * LongestEscape];
        return TryDecode(raw, decoded, out var written) && decoded[..written].SequenceEqual(expected);
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
                at += ReadEscape(json[at..], out var escaped);
                length += escaped is null ? 6 : EscapedLength(escaped.Value);
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
        _ => 6 * rune.Utf16SequenceLength,
    };

    /// <summary>Reads the escape <paramref name="text"/> starts with; a surrogate pair is one. Null = a lone surrogate.</summary>
    private static int ReadEscape(ReadOnlySpan<byte> text, out Rune? rune)
    {
        if (text[1] != 'u')
        {
            rune = new Rune(text[1] switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                var literal => (char)literal,
            });
            return 2;
        }

        var unit = ReadUnit(text[2..]);
        if (Rune.TryCreate(unit, out var single))
        {
            rune = single;
            return 6;
        }

        if (text.Length >= 12 && text[6] == '\\' && text[7] == 'u' && Rune.TryCreate(unit, ReadUnit(text[8..]), out var pair))
        {
            rune = pair;
            return 12;
        }

        rune = null;
        return 6;
    }

    private static char ReadUnit(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits[..4], out ushort unit, out var consumed, 'X') && consumed == 4 ? (char)unit : '\uFFFD';

    private static Rune Visible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or
            UnicodeCategory.Format or
            UnicodeCategory.LineSeparator or
            UnicodeCategory.ParagraphSeparator or
            UnicodeCategory.PrivateUse or
            UnicodeCategory.OtherNotAssigned => Rune.ReplacementChar,
        _ => rune,
    };
}

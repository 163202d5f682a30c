using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Synthwave.Json;

/// <summary>
/// The text of a JSON string. A "raw" string is what stands between the quotes of a string token, escapes included; it must come from a document already
/// found to be valid JSON. Half of a surrogate pair, which is valid JSON and no valid Unicode, has no UTF-8 form, so that decoding fails; as UTF-16 it
/// survives both ways: some servers cut a pair between two events, and the client joins it again.
/// </summary>
internal static class JsonText
{
    // What stands in a string as it is, in whatever text: all but controls, quote, backslash and surrogates.
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c)]);

    /// <summary>Whether the text is <paramref name="expected"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(ReadOnlySpan<byte> raw, bool isEscaped, ReadOnlySpan<byte> expected) =>
        isEscaped ? MatchesEscaped(raw, expected) : raw.SequenceEqual(expected);

    /// <inheritdoc cref="Matches(ReadOnlySpan{byte}, bool, ReadOnlySpan{byte})"/>
    public static bool Matches(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> expected) => Matches(raw, raw.Contains((byte)'\\'), expected);

    /// <summary>
    /// Unescapes into <paramref name="destination"/>, which must hold <c>raw.Length</c> bytes. False = half of a surrogate pair: the text has no UTF-8 form.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = 0;
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            raw[..at].CopyTo(destination[written..]);
            written += at;
            raw = raw[at..];
            var consumed = JsonEscape.ReadRune(raw, out var rune);
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

    /// <summary>The text; null when half of a surrogate pair stands in it.</summary>
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

    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, bool)"/>
    public static string? Decode(ReadOnlySpan<byte> raw) => Decode(raw, raw.Contains((byte)'\\'));

    /// <summary>The text, halves of surrogate pairs as they are.</summary>
    public static string Unescape(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(raw);
        }

        var output = new ArrayBufferWriter<char>(raw.Length);
        Unescape(raw, output);
        return new string(output.WrittenSpan);
    }

    /// <summary>Appends the characters of the text, halves of surrogate pairs as they are.</summary>
    public static void Unescape(ReadOnlySpan<byte> raw, IBufferWriter<char> output)
    {
        while (!raw.IsEmpty)
        {
            var run = raw.IndexOf((byte)'\\');
            var plain = run < 0 ? raw : raw[..run];
            var target = output.GetSpan(plain.Length + 1);
            var written = Encoding.UTF8.GetChars(plain, target);
            if (run < 0)
            {
                output.Advance(written);
                return;
            }

            var length = JsonEscape.ReadUnit(raw[run..], out target[written]);
            output.Advance(written + 1);
            raw = raw[(run + length)..];
        }
    }

    /// <summary>Appends <paramref name="text"/> as a raw string, escaping only what JSON requires and halves of surrogate pairs.</summary>
    public static void Escape(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        while (text.IndexOfAny(Escaped) is >= 0 and var at)
        {
            var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            Encoding.UTF8.GetBytes(text[..(isPair ? at + 2 : at)], output);
            if (!isPair)
            {
                JsonEscape.Write(text[at], output);
            }

            text = text[(isPair ? at + 2 : at + 1)..];
        }

        Encoding.UTF8.GetBytes(text, output);
    }

    /// <summary><paramref name="text"/> as a JSON string, quotes included.</summary>
    public static byte[] Quote(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(Escaped))
        {
            var quoted = new byte[Encoding.UTF8.GetByteCount(text) + 2];
            quoted[0] = quoted[^1] = (byte)'"';
            Encoding.UTF8.GetBytes(text, quoted.AsSpan(1));
            return quoted;
        }

        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        output.Write("\""u8);
        Escape(text, output);
        output.Write("\""u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether the text is nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            return true;
        }

        // Most pieces start with a printable ASCII character.
        return raw[0] is <= (byte)' ' or (byte)'\\' or >= 0x7F && Unescape(raw).AsSpan().IsWhiteSpace();
    }

    /// <summary>
    /// A text made fit to be shown in a message: unescaped, cut to <paramref name="maxChars"/> characters with an ellipsis, controls and other invisible
    /// characters replaced.
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
                consumed = JsonEscape.ReadRune(raw, out rune);
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

    // Compared piece by piece, so that no length needs a buffer.
    private static bool MatchesEscaped(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> expected)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            if (!expected.StartsWith(raw[..at]))
            {
                return false;
            }

            var consumed = JsonEscape.ReadRune(raw[at..], out var rune);
            expected = expected[at..];
            if (rune is not { } character || !expected.StartsWith(utf8[..character.EncodeToUtf8(utf8)]))
            {
                return false;
            }

            expected = expected[character.Utf8SequenceLength..];
            raw = raw[(at + consumed)..];
        }

        return raw.SequenceEqual(expected);
    }

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

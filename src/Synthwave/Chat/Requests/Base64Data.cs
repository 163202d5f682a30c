using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Base64 as clients write it: in either alphabet or a mixture, with percent signs, white space, JSON escapes, with or without padding. Total on any input;
/// time and memory are linear in it.
/// </summary>
internal static class Base64Data
{
    // What the plain form never holds.
    private static readonly SearchValues<byte> Foreign = SearchValues.Create("\\%-_ \t\r\n"u8);

    /// <summary>The same data in the standard alphabet, padded; <paramref name="text"/> itself where it is that already, empty = it is no base64 or says nothing.</summary>
    /// <param name="text">As it stands in a JSON string.</param>
    public static ReadOnlyMemory<byte> Normalise(ReadOnlyMemory<byte> text)
    {
        if (text.Length % 4 == 0 && text.Span.IndexOfAny(Foreign) < 0)
        {
            return Base64.IsValid(text.Span) ? text : default;
        }

        var source = text.Span.IndexOf((byte)'\\') < 0 ? text.Span : Encoding.UTF8.GetBytes(JsonText.Unescape(text.Span));
        var output = new byte[source.Length + 3];
        var length = Translate(source, output);
        if (length <= 0 || length % 4 == 1)
        {
            return default;
        }

        while (length % 4 != 0)
        {
            output[length++] = (byte)'=';
        }

        return Base64.IsValid(output.AsSpan(0, length)) ? output.AsMemory(0, length) : default;
    }

    /// <summary>The plain form where there is one; what is no base64 in any form is left as it is, for whoever reads it to judge.</summary>
    public static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> text) =>
        Base64.IsValid(text) ? text : Normalise(text.ToArray()) is { IsEmpty: false } plain ? plain.Span : text;

    // The digits without padding; -1 = something else is among them.
    private static int Translate(ReadOnlySpan<byte> source, Span<byte> output)
    {
        var length = 0;
        var isOver = false;
        for (var at = 0; at < source.Length; at++)
        {
            var digit = source[at];
            if (digit == '%' && at + 2 < source.Length && Hex(source[at + 1]) is >= 0 and var high && Hex(source[at + 2]) is >= 0 and var low)
            {
                digit = (byte)((high << 4) | low);
                at += 2;
            }

            switch (digit)
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    continue;
                case (byte)'=':
                    isOver = true;
                    continue;
            }

            if (isOver || !(char.IsAsciiLetterOrDigit((char)digit) || digit is (byte)'+' or (byte)'/' or (byte)'-' or (byte)'_'))
            {
                return -1;
            }

            output[length++] = digit switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => digit };
        }

        return length;
    }

    private static int Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}

using System.Buffers;
using System.Buffers.Text;
using Synthwave.Json;
using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Cuts the middle out of a text and says so there: questions stand at the end of a paste as often as at its start. Pure.</summary>
internal static class TextCut
{
    /// <summary>Bytes of the mark for a text of a gigabyte; below it nothing can be cut to.</summary>
    public const int LongestMark = 48;

    /// <summary>
    /// Writes what stands between the quotes of a JSON string, cut between characters so that it unescapes to at most
    /// <paramref name="most"/> bytes of UTF-8, head and tail in equal shares.
    /// </summary>
    /// <param name="output">Takes the text, escaped.</param>
    /// <param name="raw">Escaped text of a valid document.</param>
    /// <param name="bytes">Its length unescaped.</param>
    /// <param name="most">Not below <see cref="LongestMark"/>.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> raw, int bytes, int most)
    {
        if (bytes <= most)
        {
            output.Write(raw);
            return;
        }

        var keep = Math.Max(0, most - MarkBytes(bytes));
        var headEnd = JsonMeasure.RawOffset(raw, keep - (keep / 2), roundUp: false);
        var tailStart = JsonMeasure.RawOffset(raw, bytes - (keep / 2), roundUp: true);
        output.Write(raw[..headEnd]);
        output.Write(CompactionWords.MarkStart);
        WriteNumber(output, JsonMeasure.Utf8Length(raw[headEnd..tailStart]));
        output.Write(CompactionWords.MarkEnd);
        output.Write(raw[tailStart..]);
    }

    /// <summary>Decimal digits, without a sign.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, int number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(11), out var written);
        output.Advance(written);
    }

    // An escaped line break is two bytes of JSON and one of text. No more can be left out than there is.
    private static int MarkBytes(int bytes) => CompactionWords.MarkStart.Length + CompactionWords.MarkEnd.Length - 2 + Digits(bytes);

    private static int Digits(int number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }
}

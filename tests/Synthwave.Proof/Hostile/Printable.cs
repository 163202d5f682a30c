using System.Globalization;
using System.Text;

namespace Synthwave.Proof.Hostile;

/// <summary>Bytes for a report: what can be printed as it is, the rest as escapes, the middle of much left out.</summary>
internal static class Printable
{
    private const int Shown = 600;

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        if (bytes.Length <= Shown)
        {
            Add(text, bytes);
        }
        else
        {
            Add(text, bytes[..(Shown / 2)]);
            text.Append(CultureInfo.InvariantCulture, $" … {bytes.Length - Shown} bytes … ");
            Add(text, bytes[^(Shown / 2)..]);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            text.Append(b switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                >= 32 and < 127 => ((char)b).ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
            });
        }
    }
}

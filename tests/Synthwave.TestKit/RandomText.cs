using System.Text;

namespace Synthwave.TestKit;

/// <summary>Text of the kinds that break naive code.</summary>
public static class RandomText
{
    private static readonly string[] Pieces =
    [
        "a", "Z", "0", " ", "word", "\n", "\r\n", "\t", "\"", "\\", "/", "<", ">", "&", "'", "{", "}", "[", "]", ":", ",", "\u0000", "\u0001", "\u001f", "\u007f",
        "é", "ß", "漢字", "العربية", "👍", "👩‍👩‍👧", "e\u0301", "\u2028", "\u2029", "\ufeff", "\u00a0", "\uffff", "𝔘", "data: ", "[DONE]", "\\u0041", "</draft>", "<think>",
    ];

    /// <summary>Up to <paramref name="pieces"/> pieces; always valid UTF-16.</summary>
    public static string Valid(Random random, int pieces = 24)
    {
        ArgumentNullException.ThrowIfNull(random);
        var text = new StringBuilder();
        for (var left = random.Next(pieces + 1); left > 0; left--)
        {
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }

        return text.ToString();
    }

    /// <summary>A name of 1 to 12 visible ASCII characters without quotes.</summary>
    public static string Name(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        const string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
        return string.Create(random.Next(1, 13), random, (span, r) =>
        {
            foreach (ref var c in span)
            {
                c = letters[r.Next(letters.Length)];
            }
        });
    }

    /// <summary>The bytes cut at random places; together they are the bytes.</summary>
    public static IReadOnlyList<byte[]> Cut(Random random, byte[] bytes, int longest = 16)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(bytes);
        var pieces = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, start + random.Next(1, longest + 1));
            pieces.Add(bytes[start..end]);
            start = end;
        }

        return pieces;
    }
}

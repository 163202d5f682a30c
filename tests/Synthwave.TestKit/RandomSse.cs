using System.Text;

namespace Synthwave.TestKit;

/// <summary>An event stream as some server might send it, with what a reader must find in it.</summary>
/// <param name="Bytes">The stream.</param>
/// <param name="Events">Event name (<c>message</c> when none is given) and data.</param>
/// <param name="Comments">Texts of the comment lines.</param>
public sealed record RandomSse(byte[] Bytes, IReadOnlyList<(string Name, string Data)> Events, IReadOnlyList<string> Comments)
{
    /// <summary>Every line ending of the format, comments, unknown fields, several data lines, perhaps a byte order mark.</summary>
    public static RandomSse Create(Random random, int events = 12)
    {
        ArgumentNullException.ThrowIfNull(random);
        var text = new StringBuilder(random.Next(10) == 0 ? "\ufeff" : "");
        var found = new List<(string, string)>();
        var comments = new List<string>();

        // A lone CR directly before LF would read as one line end, so a stream keeps to one kind.
        var end = new[] { "\n", "\r\n", "\r" }[random.Next(3)];
        for (var i = random.Next(events + 1); i > 0; i--)
        {
            if (random.Next(4) == 0)
            {
                var comment = Line(random);
                comments.Add(comment);
                text.Append(':').Append(comment).Append(end).Append(random.Next(2) == 0 ? end : "");
            }

            var name = random.Next(4) == 0 ? RandomText.Name(random) : null;
            text.Append(name is null ? "" : $"event: {name}{end}");
            text.Append(random.Next(6) == 0 ? $"id: {RandomText.Name(random)}{end}" : "").Append(random.Next(6) == 0 ? $"unknown: field{end}" : "");
            var lines = Enumerable.Range(0, random.Next(1, random.Next(6) == 0 ? 4 : 2)).Select(_ => Line(random)).ToArray();
            foreach (var line in lines)
            {
                // One space after the colon belongs to the format: it may be left out unless the data begins with one.
                text.Append("data:").Append(line.StartsWith(' ') || random.Next(3) > 0 ? " " : "").Append(line).Append(end);
            }

            text.Append(end);
            found.Add((name ?? "message", string.Join('\n', lines)));
        }

        return new RandomSse(Encoding.UTF8.GetBytes(text.ToString()), found, comments);
    }

    private static string Line(Random random) => RandomText.Valid(random, 8).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
}

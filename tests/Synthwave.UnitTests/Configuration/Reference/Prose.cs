namespace Synthwave.UnitTests.Configuration.Reference;

/// <summary>The few words of a declaration as text to read.</summary>
internal static class Prose
{
    public static string Sentence(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}.";

    /// <summary>Comment lines of at most 140 characters.</summary>
    public static IEnumerable<string> Comment(string text)
    {
        var line = "#";
        foreach (var word in text.Split(' '))
        {
            if (line.Length + 1 + word.Length > 140)
            {
                yield return line;
                line = "#";
            }

            line += $" {word}";
        }

        yield return line;
    }
}

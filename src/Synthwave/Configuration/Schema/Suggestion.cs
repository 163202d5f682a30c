namespace Synthwave.Configuration.Schema;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Suggestion
{
    private const int LongestWord = 64;
    private const int MostEdits = 3;
    private const int LeastBeginning = 5;

    /// <summary><c>did you mean "x"?</c>, or null when nothing is near.</summary>
    public static string? For(string word, IEnumerable<string> known) => Nearest(word, known) is { } near ? $"did you mean \"{near}\"?" : null;

    /// <summary>
    /// The known word at the smallest edit distance, if that is near: a third of the shorter word or less, and three at most; or a word that one of the two begins with.
    /// The first of several. Of two letters and fewer, any would be near.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestWord)
        {
            return null;
        }

        var lower = word.ToLowerInvariant();
        known = [.. known];
        var best = known
            .Where(k => k.Length <= LongestWord)
            .Select(k => (Word: k, Distance: Distance(lower, k.ToLowerInvariant())))
            .DefaultIfEmpty((Word: "", Distance: int.MaxValue))
            .MinBy(k => k.Distance);
        return best.Distance <= Math.Min(MostEdits, Math.Min(word.Length, best.Word.Length) / 3) ? best.Word
            : word.Length < LeastBeginning ? null
            : known.FirstOrDefault(k => k.Length >= LeastBeginning && (k.StartsWith(lower, StringComparison.OrdinalIgnoreCase) || lower.StartsWith(k, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours between the two.</summary>
    private static int Distance(string a, string b)
    {
        var cells = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cells[i, j] = i + j;
                    continue;
                }

                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                cells[i, j] = Math.Min(cells[i - 1, j - 1] + cost, 1 + Math.Min(cells[i - 1, j], cells[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cells[i, j] = Math.Min(cells[i, j], cells[i - 2, j - 2] + 1);
                }
            }
        }

        return cells[a.Length, b.Length];
    }
}

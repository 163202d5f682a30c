using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>What a prompt is about, as far as one can tell without understanding it.</summary>
/// <param name="Phrase">Its first few words that carry meaning.</param>
/// <param name="Word">The longest of them.</param>
internal sealed partial record DemoTopic(string Phrase, string Word)
{
    private const int WordsInPhrase = 4;
    private const int LongestWord = 24;

    private static readonly FrozenSet<string> Fillers = new[]
    {
        "a", "about", "am", "an", "and", "answer", "are", "as", "at", "be", "best", "between", "by", "can", "compare", "could", "did", "do", "does", "explain", "for", "from",
        "give", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "like", "list", "make", "me", "my", "no", "not", "of", "on", "one", "or", "our", "out",
        "please", "say", "should", "so", "some", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "three", "to", "two",
        "up", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "word", "words", "would", "write", "yes", "you", "your",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static DemoTopic Of(string prompt)
    {
        var words = Words.Matches(prompt).Select(m => m.Value).ToArray();
        var meaning = words.Where(w => !Fillers.Contains(w)).ToArray();
        var chosen = (meaning.Length > 0 ? meaning : words).Take(WordsInPhrase).Select(Shorten).ToArray();
        return chosen.Length == 0 ? new DemoTopic("your question", "it") : new DemoTopic(string.Join(' ', chosen), chosen.MaxBy(w => w.Length)!);
    }

    [GeneratedRegex(@"[\p{L}\p{N}]+(['’-][\p{L}\p{N}]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Words { get; }

    private static string Shorten(string word) => word.Length <= LongestWord ? word : word[..LongestWord];
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>The words of a question that carry its meaning, compared so that capitals, punctuation, endings and single wrong letters do not matter.</summary>
/// <param name="Words">Lower case, none twice.</param>
internal sealed partial record QuestionWords(ImmutableArray<string> Words)
{
    /// <summary>A question is short; of a longer text only the beginning is looked at.</summary>
    private const int LongestLookedAt = 600;

    /// <summary>Shorter words must be equal: one letter makes another word of them.</summary>
    private const int ShortestMisspelt = 5;

    private static readonly string[] Endings = ["ing", "es", "ed", "s", "e"];

    private static readonly FrozenSet<string> Fillers = new[]
    {
        "a", "about", "after", "am", "an", "and", "answer", "any", "are", "as", "at", "be", "before", "best", "between", "by", "can", "could", "did", "do", "does", "eat", "explain",
        "for", "from", "get", "give", "good", "had", "has", "have", "how", "i", "if", "in", "instead", "into", "is", "it", "its", "just", "like", "make", "me", "my", "no", "not",
        "now", "of", "off", "on", "one", "or", "our", "out", "please", "should", "so", "some", "someone", "tell", "than", "that", "the", "their", "them", "then", "there", "these",
        "they", "this", "those", "to", "up", "us", "was", "way", "we", "were", "what", "when", "where", "which", "who", "whose", "why", "will", "with", "without", "would", "yes",
        "you", "your",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static QuestionWords Of(string question)
    {
        var text = question.Length <= LongestLookedAt ? question : question[..LongestLookedAt];
        return new(
        [
            .. WordPattern.Matches(text).Select(m => m.Value.ToLowerInvariant()).Where(w => !Fillers.Contains(w)).Distinct(StringComparer.Ordinal),
        ]);
    }

    public bool Has(string word) => Words.Any(w => IsSame(w, word));

    /// <summary>How much of the two is common: 1 = all of it, 0 = nothing.</summary>
    public double Likeness(QuestionWords other) => Words.IsEmpty || other.Words.IsEmpty
        ? 0
        : (double)(Words.Count(other.Has) + other.Words.Count(Has)) / (Words.Length + other.Words.Length);

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern { get; }

    private static bool IsSame(string one, string two) =>
        one == two
        || (Math.Min(one.Length, two.Length) >= ShortestMisspelt && IsOneLetterApart(one, two))
        || (Stem(one) is var stem && stem.Length > 2 && stem == Stem(two));

    private static string Stem(string word)
    {
        foreach (var ending in Endings)
        {
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return word[..^ending.Length];
            }
        }

        return word;
    }

    /// <summary>One letter added, left out, replaced, or two neighbours exchanged.</summary>
    private static bool IsOneLetterApart(string one, string two)
    {
        var (shorter, longer) = one.Length <= two.Length ? (one, two) : (two, one);
        if (longer.Length - shorter.Length > 1)
        {
            return false;
        }

        var at = 0;
        while (at < shorter.Length && shorter[at] == longer[at])
        {
            at++;
        }

        if (shorter.Length < longer.Length)
        {
            return shorter.AsSpan(at).SequenceEqual(longer.AsSpan(at + 1));
        }

        return at == shorter.Length
            || shorter.AsSpan(at + 1).SequenceEqual(longer.AsSpan(at + 1))
            || (at + 1 < shorter.Length && shorter[at] == longer[at + 1] && shorter[at + 1] == longer[at] && shorter.AsSpan(at + 2).SequenceEqual(longer.AsSpan(at + 2)));
    }
}

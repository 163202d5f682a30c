namespace Synthwave.Strategies.Voting;

/// <summary>
/// Reads a yes or no out of a voter's text, by whole words: <c>know</c>, <c>nothing</c> and <c>yesterday</c> say neither. An explicit answer counts
/// before a mention, and the last of its kind wins, because models think first and conclude afterwards. Pure; linear in the text.
/// </summary>
/// <remarks>
/// Explicit is the first word of the text, a word alone on its line (markup aside), and what follows a word like <c>answer</c> or <c>verdict</c>, as in
/// <c>{"verdict": "no"}</c>. A mere mention of <c>no</c> counts only where nothing it could belong to follows (<c>no evidence</c> is no vote), and the
/// question's own <c>yes or no</c> is never an answer.
/// </remarks>
internal static class VoteText
{
    private const int FarthestAnnouncement = 6;

    private static readonly string[] Announcements = ["answer", "verdict", "vote", "decision", "conclusion", "judgement", "judgment", "result", "response"];

    /// <summary>May stand between an announcement and its answer.</summary>
    private static readonly string[] Fillers = ["is", "be", "would", "must", "should", "a", "clear", "clearly", "definite", "therefore", "thus", "simply", "final"];

    /// <summary>After these a <c>no</c> stands for itself.</summary>
    private static readonly string[] Explanations = ["because", "since", "as", "but", "for"];

    /// <summary>True = yes, false = no, null = neither.</summary>
    public static bool? Read(string text)
    {
        var words = Split(text);
        bool? mentioned = null, explicitly = null;
        for (var i = 0; i < words.Count; i++)
        {
            if (VerdictOf(text, words[i]) is not { } yes || IsQuestion(text, words, i))
            {
                continue;
            }

            var standsAlone = yes || StandsForItself(text, words, i);
            if (i == 0 || IsAloneOnItsLine(text, words, i) || (standsAlone && IsAnnounced(text, words, i)))
            {
                explicitly = yes;
            }
            else if (standsAlone)
            {
                mentioned = yes;
            }
        }

        return explicitly ?? mentioned;
    }

    private static bool? VerdictOf(string text, Word word) =>
        Is(text, word, "yes") ? true : Is(text, word, "no") ? false : null;

    // "yes or no", "yes/no", "no or yes".
    private static bool IsQuestion(string text, List<Word> words, int i) =>
        IsOtherHalf(text, words, i, +1) || IsOtherHalf(text, words, i, -1);

    private static bool IsOtherHalf(string text, List<Word> words, int i, int step)
    {
        var next = i + step;
        if (next < 0 || next >= words.Count)
        {
            return false;
        }

        if (Is(text, words[next], "or"))
        {
            var other = next + step;
            return other >= 0 && other < words.Count && VerdictOf(text, words[other]) is not null;
        }

        return VerdictOf(text, words[next]) is not null && Gap(text, words, Math.Min(i, next)).Trim(" \"'`*") is "/" or "|";
    }

    private static bool StandsForItself(string text, List<Word> words, int i) =>
        i == words.Count - 1
        || !Gap(text, words, i).Trim(' ').IsEmpty
        || Array.Exists(Explanations, e => Is(text, words[i + 1], e));

    private static bool IsAloneOnItsLine(string text, List<Word> words, int i) =>
        (i == 0 || Gap(text, words, i - 1).Contains('\n')) && (i == words.Count - 1 || Gap(text, words, i).Contains('\n'));

    private static bool IsAnnounced(string text, List<Word> words, int i)
    {
        for (var before = i - 1; before >= Math.Max(0, i - FarthestAnnouncement); before--)
        {
            if (Gap(text, words, before).IndexOfAny('.', '!', '?') >= 0)
            {
                return false;
            }

            if (Array.Exists(Announcements, a => Is(text, words[before], a)))
            {
                return true;
            }

            if (!Array.Exists(Fillers, f => Is(text, words[before], f)))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>What stands between word <paramref name="i"/> and the next.</summary>
    private static ReadOnlySpan<char> Gap(string text, List<Word> words, int i) => text.AsSpan(words[i].End, words[i + 1].Start - words[i].End);

    private static bool Is(string text, Word word, string expected) =>
        text.AsSpan(word.Start, word.End - word.Start).Equals(expected, StringComparison.OrdinalIgnoreCase);

    // Letters and digits; an apostrophe or hyphen between them belongs to the word (no-one, it's), an underscore is markup.
    private static List<Word> Split(string text)
    {
        var words = new List<Word>();
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsLetterOrDigit(text[at]))
            {
                continue;
            }

            var start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || IsJoint(text, at)))
            {
                at++;
            }

            words.Add(new(start, at));
        }

        return words;
    }

    private static bool IsJoint(string text, int at) =>
        text[at] is '-' or '\'' or '’' && at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1]);

    private readonly record struct Word(int Start, int End);
}

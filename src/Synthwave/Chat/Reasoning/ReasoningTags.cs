namespace Synthwave.Chat.Reasoning;

/// <summary>The marks that enclose reasoning written into an answer's text, and how to recognise them at a given place.</summary>
internal static class ReasoningTags
{
    /// <summary>Longest opening tag recognised, attributes included, characters. A longer one is text.</summary>
    public const int MaxLength = 128;

    private static readonly string[] HarmonyTokens =
        ["<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|return|>", "<|call|>"];

    /// <summary>What opens a block at the start of <paramref name="text"/>, and how many characters the mark takes.</summary>
    /// <param name="text">The rest of the answer, as far as it is known.</param>
    /// <param name="isWhole">No more text will come, so that the beginning of a mark is no mark.</param>
    /// <param name="length">Characters of the mark; 0 unless one was found.</param>
    public static ReasoningTag MatchOpening(ReadOnlySpan<char> text, bool isWhole, out int length)
    {
        length = 0;
        if (text.IsEmpty)
        {
            return isWhole ? ReasoningTag.None : ReasoningTag.Partial;
        }

        if (text[0] is not ('<' or '◁'))
        {
            return ReasoningTag.None;
        }

        var result = ReasoningTag.None;
        if (text[0] == '◁')
        {
            Try(MatchTriangle(text, isClosing: false, out var triangle), triangle, ReasoningTag.Triangle, ref result, ref length);
            return Settle(result, isWhole);
        }

        Try(MatchLiteral(text, "<|begin_of_thought|>", out var thought), thought, ReasoningTag.Thought, ref result, ref length);
        Try(MatchLiteral(text, "<|begin_of_solution|>", out var solution), solution, ReasoningTag.Solution, ref result, ref length);
        Try(MatchLiteral(text, "<|channel|>", out var channel), channel, ReasoningTag.HarmonyChannel, ref result, ref length);
        Try(MatchLiteral(text, "<|start|>", out var start), start, ReasoningTag.HarmonyStart, ref result, ref length);
        Try(MatchOpeningTag(text, "think", out var think), think, ReasoningTag.Think, ref result, ref length);
        Try(MatchOpeningTag(text, "thinking", out var thinking), thinking, ReasoningTag.Think, ref result, ref length);
        Try(MatchOpeningTag(text, "thought", out var thoughtTag), thoughtTag, ReasoningTag.ThoughtTag, ref result, ref length);
        Try(MatchOpeningTag(text, "reasoning", out var reasoning), reasoning, ReasoningTag.ReasoningTag, ref result, ref length);
        return Settle(result, isWhole);
    }

    /// <summary>Whether the block that <paramref name="block"/> opened is closed at the start of <paramref name="text"/>.</summary>
    /// <returns><paramref name="block"/> when it is, Solution when a solution begins instead, Partial when more text is needed, else None.</returns>
    public static ReasoningTag MatchClosing(ReadOnlySpan<char> text, ReasoningTag block, bool isWhole, out int length)
    {
        var result = ReasoningTag.None;
        length = 0;
        switch (block)
        {
            case ReasoningTag.Think or ReasoningTag.Prefilled:
                Try(MatchClosingTag(text, "think", out var think), think, block, ref result, ref length);
                Try(MatchClosingTag(text, "thinking", out var thinking), thinking, block, ref result, ref length);
                if (block is ReasoningTag.Prefilled)
                {
                    Try(MatchTriangle(text, isClosing: true, out var either), either, block, ref result, ref length);
                    Try(MatchLiteral(text, "<|end_of_thought|>", out var endThought), endThought, block, ref result, ref length);
                }

                break;
            case ReasoningTag.ThoughtTag:
                Try(MatchClosingTag(text, "thought", out var thought), thought, block, ref result, ref length);
                break;
            case ReasoningTag.ReasoningTag:
                Try(MatchClosingTag(text, "reasoning", out var reasoning), reasoning, block, ref result, ref length);
                break;
            case ReasoningTag.Triangle:
                Try(MatchTriangle(text, isClosing: true, out var triangle), triangle, block, ref result, ref length);
                break;
            case ReasoningTag.Thought:
                Try(MatchLiteral(text, "<|end_of_thought|>", out var end), end, block, ref result, ref length);
                Try(MatchLiteral(text, "<|begin_of_solution|>", out var begin), begin, ReasoningTag.Solution, ref result, ref length);
                break;
            default:
                Try(MatchLiteral(text, "<|end_of_solution|>", out var endSolution), endSolution, block, ref result, ref length);
                break;
        }

        return Settle(result, isWhole);
    }

    /// <summary>Which of harmony's control tokens stands at the start of <paramref name="text"/>; null = none, "" = more text is needed.</summary>
    public static string? MatchHarmonyToken(ReadOnlySpan<char> text, bool isWhole)
    {
        string? partial = null;
        foreach (var token in HarmonyTokens)
        {
            switch (MatchLiteral(text, token, out _))
            {
                case Match.Whole:
                    return token;
                case Match.Partial when !isWhole:
                    partial = "";
                    break;
            }
        }

        return partial;
    }

    private static ReasoningTag Settle(ReasoningTag result, bool isWhole) =>
        result is ReasoningTag.Partial && isWhole ? ReasoningTag.None : result;

    private static void Try(Match match, int matched, ReasoningTag tag, ref ReasoningTag result, ref int length)
    {
        if (match is Match.Whole)
        {
            (result, length) = (tag, matched);
        }
        else if (match is Match.Partial && result is ReasoningTag.None)
        {
            result = ReasoningTag.Partial;
        }
    }

    private static Match MatchLiteral(ReadOnlySpan<char> text, string literal, out int length)
    {
        length = literal.Length;
        return text.StartsWith(literal, StringComparison.Ordinal) ? Match.Whole
            : literal.AsSpan().StartsWith(text, StringComparison.Ordinal) ? Match.Partial : Match.None;
    }

    /// <summary><c>&lt;name&gt;</c>, or <c>&lt;name attributes&gt;</c>, in any case.</summary>
    private static Match MatchOpeningTag(ReadOnlySpan<char> text, string name, out int length)
    {
        length = 0;
        if (!StartsWithName(text[1..], name, out var isPartial))
        {
            return isPartial ? Match.Partial : Match.None;
        }

        var at = 1 + name.Length;
        if (at == text.Length)
        {
            return Match.Partial;
        }

        if (text[at] is not ('>' or '/') && !char.IsWhiteSpace(text[at]))
        {
            return Match.None;
        }

        var end = text[at..Math.Min(text.Length, MaxLength)].IndexOfAny('>', '<');
        length = at + end + 1;
        return end >= 0 ? text[at + end] == '>' ? Match.Whole : Match.None
            : text.Length >= MaxLength ? Match.None : Match.Partial;
    }

    /// <summary><c>&lt;/name&gt;</c>, white space before the bracket allowed, in any case.</summary>
    private static Match MatchClosingTag(ReadOnlySpan<char> text, string name, out int length)
    {
        length = 0;
        if (text.Length < 2 || text[0] != '<' || text[1] != '/')
        {
            return text is "<" ? Match.Partial : Match.None;
        }

        if (!StartsWithName(text[2..], name, out var isPartial))
        {
            return isPartial ? Match.Partial : Match.None;
        }

        return EndsWith(text, 2 + name.Length, ">", out length);
    }

    /// <summary><c>◁think▷</c> or <c>◁/think▷</c>, spaces inside allowed.</summary>
    private static Match MatchTriangle(ReadOnlySpan<char> text, bool isClosing, out int length)
    {
        length = 0;
        if (text[0] != '◁')
        {
            return Match.None;
        }

        var at = SkipSpaces(text, 1);
        if (isClosing && at < text.Length)
        {
            if (text[at] != '/')
            {
                return Match.None;
            }

            at = SkipSpaces(text, at + 1);
        }

        const string Name = "think";
        var rest = text[at..];
        if (!rest.StartsWith(Name, StringComparison.Ordinal))
        {
            return Name.AsSpan().StartsWith(rest, StringComparison.Ordinal) && text.Length < MaxLength ? Match.Partial : Match.None;
        }

        return EndsWith(text, at + Name.Length, "▷", out length);
    }

    private static Match EndsWith(ReadOnlySpan<char> text, int at, string bracket, out int length)
    {
        at = SkipSpaces(text, at);
        length = at + 1;
        return at >= MaxLength ? Match.None : at == text.Length ? Match.Partial : text[at] == bracket[0] ? Match.Whole : Match.None;
    }

    private static bool StartsWithName(ReadOnlySpan<char> text, string name, out bool isPartial)
    {
        isPartial = text.Length < name.Length && name.AsSpan().StartsWith(text, StringComparison.OrdinalIgnoreCase);
        return text.StartsWith(name, StringComparison.OrdinalIgnoreCase);
    }

    private static int SkipSpaces(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private enum Match { None, Partial, Whole }
}

/// <summary>A mark in an answer's text, or the state of knowing none.</summary>
internal enum ReasoningTag
{
    None,

    /// <summary>What is known of the text may be the beginning of a mark.</summary>
    Partial,

    /// <summary><c>&lt;think&gt;</c> or <c>&lt;thinking&gt;</c>; either closes the other.</summary>
    Think,

    /// <summary><c>&lt;thought&gt;</c>.</summary>
    ThoughtTag,

    /// <summary><c>&lt;reasoning&gt;</c>.</summary>
    ReasoningTag,

    /// <summary><c>◁think▷</c>.</summary>
    Triangle,

    /// <summary><c>&lt;|begin_of_thought|&gt;</c>.</summary>
    Thought,

    /// <summary><c>&lt;|begin_of_solution|&gt;</c>.</summary>
    Solution,

    HarmonyChannel,

    HarmonyStart,

    /// <summary>No mark: the chat template opened the block.</summary>
    Prefilled,
}

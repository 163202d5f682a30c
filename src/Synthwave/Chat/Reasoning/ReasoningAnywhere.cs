using System.Text;
using System.Text.RegularExpressions;

namespace Synthwave.Chat.Reasoning;

/// <summary>
/// The whole-text rule: reasoning blocks anywhere in a text are removed, a stray closing tag takes everything before it, a stray opening tag
/// everything after. Kept for configurations that rely on it; it can take away text that merely speaks of such tags. Every step is one forward
/// scan.
/// </summary>
internal static partial class ReasoningAnywhere
{
    private static readonly string[] Names =
    [
        "think", "thinking", "thought", "thoughts", "reasoning", "scratchpad", "reflection", "analysis", "inner_monologue", "rationale",
    ];

    public static StrippedText Strip(string text)
    {
        if (!text.AsSpan().ContainsAny('<', '◁') && !Preamble().IsMatch(text))
        {
            return new(text, null);
        }

        var result = text;
        if (result.Contains(ChannelMark, StringComparison.Ordinal))
        {
            result = KeepFinalChannel(result);
        }

        result = KeepLastSolution(result);
        result = RemovePairs(result, "<|begin_of_thought|>", "<|end_of_thought|>");
        result = RemoveTagPairs(result);
        result = RemoveTriangles(result);
        result = CutAtStrayTags(result);
        if (Preamble().IsMatch(result))
        {
            result = CutAtAnswerMarker(result);
        }

        result = result.Trim();
        return result == text ? new(text, null) : new(result, "");
    }

    private const string ChannelMark = "<|channel|>";

    private const string MessageMark = "<|message|>";

    /// <summary>The last final channel's body; without one, the text without its channels.</summary>
    private static string KeepFinalChannel(string text)
    {
        string? final = null;
        var kept = new StringBuilder();
        var keptFrom = 0;
        for (var at = 0; (at = text.IndexOf(ChannelMark, at, StringComparison.Ordinal)) >= 0;)
        {
            var name = at + ChannelMark.Length;
            var body = FinalBody(text, name);
            if (body >= 0)
            {
                var end = FirstOf(text, body, "<|end|>", "<|return|>", "<|start|>").Start;
                final = text[body..end];
                at = end;
                continue;
            }

            var wordEnd = SkipWord(text, name);
            if (at >= keptFrom && wordEnd > name && text.AsSpan(wordEnd).StartsWith(MessageMark, StringComparison.Ordinal))
            {
                // A final channel inside this block's body still counts: look on right behind the mark, but remove up to the end mark.
                var (start, length) = FirstOf(text, wordEnd + MessageMark.Length, "<|end|>", "<|return|>");
                kept.Append(text, keptFrom, at - keptFrom);
                keptFrom = start + length;
            }

            at = name;
        }

        return final ?? kept.Append(text, keptFrom, text.Length - keptFrom).ToString();
    }

    private static int FinalBody(string text, int at)
    {
        at = SkipSpace(text, at);
        if (!text.AsSpan(at).StartsWith("final", StringComparison.OrdinalIgnoreCase))
        {
            return -1;
        }

        at = SkipSpace(text, at + 5);
        return text.AsSpan(at).StartsWith(MessageMark, StringComparison.Ordinal) ? at + MessageMark.Length : -1;
    }

    private static string KeepLastSolution(string text)
    {
        const string Begin = "<|begin_of_solution|>";
        var at = text.IndexOf(Begin, StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        string body;
        do
        {
            var end = FirstOf(text, at + Begin.Length, "<|end_of_solution|>").Start;
            body = text[(at + Begin.Length)..end];
            at = text.IndexOf(Begin, end, StringComparison.Ordinal);
        }
        while (at >= 0);

        return body;
    }

    private static string RemovePairs(string text, string open, string close)
    {
        var at = text.IndexOf(open, StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var kept = new StringBuilder();
        var from = 0;
        while (at >= 0)
        {
            var end = text.IndexOf(close, at + open.Length, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            kept.Append(text, from, at - from);
            from = end + close.Length;
            at = text.IndexOf(open, from, StringComparison.Ordinal);
        }

        return kept.Append(text, from, text.Length - from).ToString();
    }

    private static string RemoveTagPairs(string text)
    {
        var tags = FindTags(text);
        if (tags.Count < 2)
        {
            return text;
        }

        // For every tag, the nearest closing one of the same name behind it: one walk from the end.
        var closer = new int[tags.Count];
        var nearest = new int[Names.Length];
        Array.Fill(nearest, -1);
        for (var i = tags.Count - 1; i >= 0; i--)
        {
            closer[i] = nearest[tags[i].Name];
            if (tags[i].IsClosing)
            {
                nearest[tags[i].Name] = i;
            }
        }

        var kept = new StringBuilder();
        var from = 0;
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags[i].IsClosing || tags[i].Start < from || closer[i] < 0)
            {
                continue;
            }

            kept.Append(text, from, tags[i].Start - from);
            from = tags[closer[i]].End;
            i = closer[i];
        }

        return kept.Append(text, from, text.Length - from).ToString();
    }

    private static string RemoveTriangles(string text)
    {
        var kept = new StringBuilder();
        var from = 0;
        var open = -1;
        for (var at = 0; (at = text.IndexOf('◁', at)) >= 0; at++)
        {
            if (open < 0 && ReasoningTags.MatchOpening(text.AsSpan(at), isWhole: true, out _) is ReasoningTag.Triangle)
            {
                open = at;
            }
            else if (open >= 0 && ReasoningTags.MatchClosing(text.AsSpan(at), ReasoningTag.Triangle, isWhole: true, out var length) is ReasoningTag.Triangle)
            {
                kept.Append(text, from, open - from);
                from = at + length;
                open = -1;
            }
        }

        return from == 0 ? text : kept.Append(text, from, text.Length - from).ToString();
    }

    private static string CutAtStrayTags(string text)
    {
        var tags = FindTags(text);
        var lastClosing = tags.FindLastIndex(tag => tag.IsClosing);
        var start = lastClosing < 0 ? 0 : tags[lastClosing].End;
        var firstOpening = tags.FindIndex(tag => !tag.IsClosing && tag.Start >= start);
        var end = firstOpening < 0 ? text.Length : tags[firstOpening].Start;
        return text[start..end];
    }

    private static string CutAtAnswerMarker(string text)
    {
        var answer = -1;
        for (var at = text.IndexOf('\n'); at >= 0;)
        {
            var next = text.IndexOf('\n', at + 1);
            if (next < 0)
            {
                break;
            }

            if (AnswerMarker().IsMatch(text.AsSpan(at + 1, next - at - 1)))
            {
                answer = next + 1;
            }

            at = next;
        }

        return answer < 0 ? text : text[answer..];
    }

    private static List<Tag> FindTags(string text)
    {
        var tags = new List<Tag>();
        var bracket = -1;
        for (var at = 0; (at = text.IndexOf('<', at)) >= 0; at++)
        {
            var isClosing = at + 1 < text.Length && text[at + 1] == '/';
            var nameStart = at + (isClosing ? 2 : 1);
            var nameEnd = SkipWord(text, nameStart);
            var name = Array.FindIndex(Names, n => text.AsSpan(nameStart, nameEnd - nameStart).Equals(n, StringComparison.OrdinalIgnoreCase));
            if (name < 0)
            {
                continue;
            }

            if (isClosing)
            {
                var end = SkipSpace(text, nameEnd);
                if (end < text.Length && text[end] == '>')
                {
                    tags.Add(new Tag(name, IsClosing: true, at, end + 1));
                }

                continue;
            }

            if (bracket < nameEnd)
            {
                bracket = text.IndexOf('>', nameEnd);
                if (bracket < 0)
                {
                    // No later tag can be whole either, closing ones included.
                    break;
                }
            }

            tags.Add(new Tag(name, IsClosing: false, at, bracket + 1));
        }

        return tags;
    }

    private static (int Start, int Length) FirstOf(string text, int from, params ReadOnlySpan<string> marks)
    {
        // Each mark begins with "<|", so one scan finds the first of them.
        for (var at = from; (at = text.IndexOf("<|", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            foreach (var mark in marks)
            {
                if (text.AsSpan(at).StartsWith(mark, StringComparison.Ordinal))
                {
                    return (at, mark.Length);
                }
            }
        }

        return (text.Length, 0);
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int SkipWord(string text, int at)
    {
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_'))
        {
            at++;
        }

        return at;
    }

    [GeneratedRegex(
        @"\A\s*(?:here(?:'s|\sis)\s+(?:(?:a|my|the)\s+)?(?:thinking|thought|reasoning|chain[\s-]of[\s-]thought)[^:\n]*:" +
        @"|let(?:'s|\sus|\sme)\s+think\b" +
        @"|(?:thinking|reasoning|thought\sprocess|chain[\s-]of[\s-]thought|step[\s-]by[\s-]step\sreasoning)\s*:)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Preamble();

    [GeneratedRegex(
        @"\A[ \t]*(?:#{1,6}[ \t]*)?(?:\*\*)?[ \t]*(?:final\sanswer|final\sresponse|answer|response|solution|conclusion|here(?:'s|\sis)\sthe\s(?:final\s)?answer)" +
        @"[ \t]*(?:\*\*)?[ \t]*[:-]?[ \t\r]*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AnswerMarker();

    private readonly record struct Tag(int Name, bool IsClosing, int Start, int End);
}

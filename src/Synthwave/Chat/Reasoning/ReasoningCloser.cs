namespace Synthwave.Chat.Reasoning;

/// <summary>
/// Looks for a closing mark that nothing opened: the chat template had opened the block. Marks inside code, fenced or inline, are the answer's
/// subject, not its form.
/// </summary>
internal static class ReasoningCloser
{
    /// <summary>Where the first lone closing mark lies; length 0 = there is none, or an opening mark comes first.</summary>
    public static (int Start, int Length) FindLone(string text)
    {
        if (!text.Contains("</think", StringComparison.OrdinalIgnoreCase) && !text.Contains('◁'))
        {
            return default;
        }

        bool noMoreFences = false;
        for (var at = 0; at < text.Length;)
        {
            var rest = text.AsSpan(at);
            var offset = rest.IndexOfAny("<◁`~");
            if (offset < 0)
            {
                return default;
            }

            at += offset;
            rest = rest[offset..];
            if (rest[0] is '`' or '~')
            {
                at += SkipCode(text, at, ref noMoreFences);
                continue;
            }

            var closing = ReasoningTags.MatchClosing(rest, ReasoningTag.Prefilled, isWhole: true, out var length);
            if (closing is not ReasoningTag.None)
            {
                return (at, length);
            }

            if (ReasoningTags.MatchOpening(rest, isWhole: true, out _) is ReasoningTag.Think or ReasoningTag.Triangle or ReasoningTag.Thought)
            {
                return default;
            }

            at++;
        }

        return default;
    }

    /// <summary>Characters of the code that begins at <paramref name="at"/>, or of the run of marks when no code does.</summary>
    private static int SkipCode(string text, int at, ref bool noMoreFences)
    {
        var mark = text[at];
        var rest = text.AsSpan(at);
        var run = rest.IndexOfAnyExcept(mark);
        if (run < 0)
        {
            return rest.Length;
        }

        var lineStart = text.LastIndexOf('\n', at, Math.Min(at + 1, 5)) + 1;
        if (run >= 3 && (at < 4 || lineStart > 0) && text.AsSpan(lineStart, at - lineStart).IsWhiteSpace())
        {
            return SkipFence(rest, mark, run, ref noMoreFences);
        }

        if (mark == '~')
        {
            return run;
        }

        // Inline code ends at a run of the same length in the same line.
        var line = rest[run..];
        var lineEnd = line.IndexOf('\n');
        line = lineEnd < 0 ? line : line[..lineEnd];
        for (var i = 0; i < line.Length;)
        {
            var next = line[i..].IndexOf('`');
            if (next < 0)
            {
                return run;
            }

            i += next;
            var length = line[i..].IndexOfAnyExcept('`');
            length = length < 0 ? line.Length - i : length;
            if (length == run)
            {
                return run + i + length;
            }

            i += length;
        }

        return run;
    }

    private static int SkipFence(ReadOnlySpan<char> rest, char mark, int run, ref bool noMoreFences)
    {
        if (noMoreFences)
        {
            return run;
        }

        for (var at = run; ;)
        {
            var newLine = rest[at..].IndexOf('\n');
            if (newLine < 0)
            {
                noMoreFences = true;
                return run;
            }

            at += newLine + 1;
            var line = rest[at..].TrimStart(' ');
            var closing = line.IndexOfAnyExcept(mark);
            closing = closing < 0 ? line.Length : closing;
            if (closing >= run)
            {
                return rest.Length - line.Length + closing;
            }
        }
    }
}

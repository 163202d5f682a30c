using System.Buffers;
using Synthwave.Configuration;

namespace Synthwave.Chat.Reasoning;

/// <summary>A text after its reasoning was taken out.</summary>
/// <param name="Visible">The answer; the very same string when nothing was removed.</param>
/// <param name="Reasoning">What was removed, without its marks and trimmed; null = nothing was removed.</param>
internal readonly record struct StrippedText(string Visible, string? Reasoning)
{
    public bool IsChanged => Reasoning is not null;
}

/// <summary>Takes reasoning out of a finished text. Linear in its length.</summary>
internal static class ReasoningText
{
    /// <summary>
    /// Strips <paramref name="text"/> as <paramref name="mode"/> says. Leading and prefilled blocks are cut with the white space around them; every
    /// other character stays. Unlike a stream, a finished text may also begin with reasoning that only a lone closing mark tells.
    /// </summary>
    public static StrippedText Strip(string text, ReasoningStrip mode) => mode switch
    {
        ReasoningStrip.Leading => StripLeading(text),
        ReasoningStrip.Prefilled => Filter(text, isPrefilled: true),
        ReasoningStrip.Anywhere => ReasoningAnywhere.Strip(text),
        _ => new(text, null),
    };

    /// <summary>
    /// The answer to be had from the reasoning members of a message that has no other: <paramref name="reasoningContent"/> before
    /// <paramref name="reasoning"/>, trimmed, and stripped itself unless nothing would be left. Null = none.
    /// </summary>
    public static string? Rescue(string? reasoningContent, string? reasoning, ReasoningStrip mode)
    {
        var text = string.IsNullOrWhiteSpace(reasoningContent) ? reasoning : reasoningContent;
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        // A member of its own is never what a template has opened a block for.
        var stripped = Strip(text, mode is ReasoningStrip.Prefilled ? ReasoningStrip.Leading : mode).Visible;
        return (string.IsNullOrWhiteSpace(stripped) ? text : stripped).Trim();
    }

    private static StrippedText StripLeading(string text)
    {
        var filtered = Filter(text, isPrefilled: false);
        if (filtered.IsChanged)
        {
            return filtered;
        }

        var (start, length) = ReasoningCloser.FindLone(text);
        return length == 0 ? filtered : new(text[(start + length)..].TrimStart(), text[..start].Trim());
    }

    private static StrippedText Filter(string text, bool isPrefilled)
    {
        var filter = new LeadingReasoningFilter(isPrefilled);
        var visible = new ArrayBufferWriter<char>(Math.Max(text.Length, 1));
        var reasoning = new ArrayBufferWriter<char>();
        filter.Feed(text, visible, reasoning);
        filter.Complete(visible, reasoning);
        return filter.HasRemoved
            ? new(new string(visible.WrittenSpan), reasoning.WrittenSpan.Trim().ToString())
            : new(text, null);
    }
}

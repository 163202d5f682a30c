namespace Synthwave.Load.Driver;

/// <summary>What an event is to a person who waits for text.</summary>
internal enum SseEventKind
{
    /// <summary>Comments, role, finish and usage chunks.</summary>
    Other,
    Content,
    Done,
}

/// <summary>Looks at the bytes of events.</summary>
internal static class SseEvent
{
    /// <param name="text">One event without the blank line that ends it.</param>
    public static SseEventKind Classify(ReadOnlySpan<byte> text)
    {
        if (text.EndsWith("data: [DONE]"u8))
        {
            return SseEventKind.Done;
        }

        return HasContent(text) ? SseEventKind.Content : SseEventKind.Other;
    }

    /// <summary>Whether any event in <paramref name="text"/>, be it whole or cut off, brings visible text; an empty string is none.</summary>
    public static bool HasContent(ReadOnlySpan<byte> text)
    {
        var member = "\"content\":\""u8;
        int at;
        while ((at = text.IndexOf(member)) >= 0)
        {
            text = text[(at + member.Length)..];
            if (!text.IsEmpty && text[0] != '"')
            {
                return true;
            }
        }

        return false;
    }
}

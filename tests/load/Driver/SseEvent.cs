namespace Synthwave.Load.Driver;

/// <summary>What an event is to a person who waits for text.</summary>
internal enum SseEventKind
{
    /// <summary>Comments, role, finish and usage chunks.</summary>
    Other,
    Content,
    Done,
}

internal static class SseEvent
{
    /// <param name="text">One event without the blank line that ends it.</param>
    public static SseEventKind Classify(ReadOnlySpan<byte> text)
    {
        if (text.EndsWith("data: [DONE]"u8))
        {
            return SseEventKind.Done;
        }

        var member = "\"content\":\""u8;
        var at = text.IndexOf(member);
        return at >= 0 && at + member.Length < text.Length && text[at + member.Length] != '"' ? SseEventKind.Content : SseEventKind.Other;
    }
}

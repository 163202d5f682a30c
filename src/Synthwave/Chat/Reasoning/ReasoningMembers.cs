namespace Synthwave.Chat.Reasoning;

/// <summary>The members of a message or delta that carry reasoning beside the answer.</summary>
internal static class ReasoningMembers
{
    private static readonly string[] All = ["reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"];

    public static ReadOnlySpan<string> Names => All;
}

namespace Synthwave.Chat.Reasoning;

/// <summary>The members of a message or delta that carry reasoning beside the answer.</summary>
internal static class ReasoningMembers
{
    /// <summary>
    /// What a dialect writes into a message where its client sent the model's reasoning as its own API has it. It never leaves the gateway: an upstream gets it
    /// under the name it gives reasoning itself, or not at all.
    /// </summary>
    public const string OfDialect = "x_reasoning";

    private static readonly string[] All = ["reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"];

    public static ReadOnlySpan<string> Names => All;
}

using Synthwave.Commands.Lines;

namespace Synthwave.Commands.Admin;

/// <summary>What an ensemble's decision means, as a sentence without its full stop. Pure.</summary>
internal static class DecisionWords
{
    public static string Of(string decision) => decision switch
    {
        "single_success" => "Only one draft was there, and it became the answer",
        "fastpath_consensus" => "The drafts agreed, so one of them became the answer",
        "merged" => "The synthesizer wrote the answer from the drafts",
        "merged_with_repair" => "The synthesizer wrote the answer, and its tool calls were repaired",
        "best_of_picked" => "The synthesizer picked the best draft",
        "tool_preserved" => "The drafts called tools, and a call of theirs became the answer",
        "fallback_primary" => "The synthesizer gave no answer, so the best draft became it",
        "no_quorum_after_constraint" => "No draft kept to what the request asks of tool calls",
        _ => $"The decision was {PlainText.Of(decision)}",
    };
}

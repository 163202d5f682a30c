namespace Synthwave.Api.Dialects.Completions;

/// <summary>The marks with which editors ask code models to fill in the middle of a text. A chat model answers them with prose.</summary>
internal static class MiddleMarkers
{
    // Each of them stands in no other text; of the last two kinds only all marks together do.
    private static readonly string[] Single =
        ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<|fim_begin|>", "<|fim_hole|>", "<|fim_end|>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<|code_suffix|>", "<|code_middle|>"];

    private static readonly string[][] Together = [["<PRE>", "<SUF>", "<MID>"], ["[SUFFIX]", "[PREFIX]"]];

    public static bool AreIn(string prompt) =>
        Single.Any(m => prompt.Contains(m, StringComparison.Ordinal)) || Together.Any(marks => marks.All(m => prompt.Contains(m, StringComparison.Ordinal)));
}

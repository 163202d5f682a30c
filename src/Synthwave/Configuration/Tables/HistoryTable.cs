using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[history]</c>.</summary>
internal static class HistoryTable
{
    public static readonly Table<HistoryConfig> Keys = new("[history]", new HistoryConfig());

    public static readonly ConfigKey<bool> Content = Keys.Add(
        new FlagKey("content", "whether prompts and answers are kept, and shown by /admin and synthwave explain --content")
        {
            Details = "The first 64 KiB of each, in memory, for the last 500 requests at most. The gateway says at start that it does so. Without it no word of a prompt or an answer is kept.",
        },
        h => h.Content,
        (h, v) => h with { Content = v });
}

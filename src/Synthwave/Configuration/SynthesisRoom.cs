namespace Synthwave.Configuration;

/// <summary>
/// How a synthesizer's window is divided, in tokens: its reply, the words of the task, a little of each draft at least, and what must stay whole of the conversation, which is
/// its leading system messages and the newest user message. Everything else is shortened or left out to fit. Pure.
/// </summary>
internal static class SynthesisRoom
{
    /// <summary>Of a draft: cut to less, nothing worth reading would be left.</summary>
    public const int LeastOfDraft = 256;

    /// <summary>What estimates may be wrong by.</summary>
    public const int Margin = 512;

    /// <summary>Most of a reply that names the best draft. A number takes few; the rest is for a model that thinks first.</summary>
    public const int Selection = 2048;

    /// <summary>What the built-in words of the task and the fences of a few drafts take at most.</summary>
    public const int Words = 640;

    private const int BytesOfToken = 3;

    /// <summary>Most of the synthesizer's reply: what it can write and what was asked for, but never so much that no room for a prompt is left.</summary>
    /// <param name="synthesizer">Whose window it is.</param>
    /// <param name="asked">Null = no limit was asked for.</param>
    public static int Reply(UpstreamConfig synthesizer, int? asked) =>
        Math.Max(1, Math.Min(Math.Min(synthesizer.MaxOutput, asked ?? int.MaxValue), synthesizer.Context / 2));

    /// <summary>The same for a profile's own call, where the client sets no limit.</summary>
    public static int Reply(UpstreamConfig synthesizer, MoaProfileConfig profile) => Reply(synthesizer, profile.Mode is SynthesisMode.BestOf ? Selection : null);

    /// <summary>What the drafts of a profile take when each is cut as far as it may be.</summary>
    public static long LeastOfDrafts(MoaProfileConfig profile, Func<string, UpstreamConfig> upstream) =>
        profile.Generators.Sum(g => (long)g.Samples * Math.Min(upstream(g.Upstream).MaxOutput, LeastOfDraft));

    /// <summary>
    /// What is left for that of a conversation which must stay whole, where the client sets no limit; 0 or less = nothing can be synthesized. A request with more of it is
    /// answered with a draft.
    /// </summary>
    public static long ForConversation(MoaProfileConfig profile, UpstreamConfig synthesizer, Func<string, UpstreamConfig> upstream)
    {
        var words = Math.Max(profile.SynthPromptOverheadTokens, Words + ((profile.SynthesisPrompt?.Length ?? 0) / BytesOfToken));
        return (long)synthesizer.Context - Reply(synthesizer, profile) - Margin - words - LeastOfDrafts(profile, upstream);
    }
}

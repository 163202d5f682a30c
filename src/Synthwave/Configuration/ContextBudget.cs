namespace Synthwave.Configuration;

/// <summary>The window an ensemble can offer: what its synthesizer has left after its own answer, the instructions and the drafts.</summary>
internal static class ContextBudget
{
    /// <summary>Tokens; zero or less = the profile cannot work. Does not look at <see cref="MoaProfileConfig.AdvertisedContext"/>.</summary>
    public static long Of(MoaProfileConfig profile, UpstreamConfig synthesizer) =>
        (long)synthesizer.Context - profile.SynthPromptOverheadTokens - profile.NonClientSynthReserveTokens - synthesizer.MaxOutput;
}

using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>
/// Whose tokenizer a name stands for: the configured one; the only member; any, where all serve one model; an ensemble's synthesizer; a cascade's first.
/// Voters with different models have no one tokenizer.
/// </summary>
internal static class TokenizerRoutes
{
    public static (IUpstream? Upstream, GatewayError? Error) Find(GatewayRuntime runtime, string target) => runtime.Names.Resolve(target) switch
    {
        NameMatch.Raw raw => (runtime.Upstreams[raw.Upstream.Name], null),
        NameMatch.Found found => Choose(runtime, found.Profile),
        NameMatch.VotingDisabled voting => (null, ProfileDispatcher.VotingDisabled(voting.Profile.Name) with { Param = "model" }),
        _ => (null, ProfileDispatcher.ModelNotFound(target) with { Type = "invalid_request_error" }),
    };

    private static (IUpstream? Upstream, GatewayError? Error) Choose(GatewayRuntime runtime, ProfileConfig profile)
    {
        var members = profile.Members.Distinct(StringComparer.Ordinal).ToList();
        var name = profile.TokenizerUpstream
            ?? (members.Select(m => runtime.Upstreams[m].Config.ModelId).Distinct(StringComparer.Ordinal).Count() == 1 ? members[0] : null)
            ?? profile.LeadingMember;
        return name is null
            ? (null, new GatewayError(409, "heterogeneous_tokenizer", $"The members of '{profile.Name}' have different tokenizers: set tokenizer_upstream in the profile.")
            {
                Type = "invalid_request_error",
                Param = "model",
            })
            : (runtime.Upstreams[name], null);
    }
}

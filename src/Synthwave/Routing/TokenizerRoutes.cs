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
    public static Result<IUpstream, GatewayError> Find(GatewayRuntime runtime, string target) => runtime.Names.Resolve(target) switch
    {
        { Callable: { } profile } => Choose(runtime, profile),
        NameMatch.VotingDisabled voting => ProfileDispatcher.VotingDisabled(voting.Profile.Name) with { Param = "model" },
        _ => ProfileDispatcher.ModelNotFound(target) with { Type = "invalid_request_error" },
    };

    /// <summary>Whom a request without a name means: the tokenizer all upstreams that have one share; null = they differ, or there is none.</summary>
    public static IUpstream? Only(GatewayRuntime runtime)
    {
        var able = runtime.Upstreams.All.Where(static u => u.Config.Protocol is UpstreamProtocol.OpenAi).DistinctBy(static u => u.Config.ModelId).Take(2).ToArray();
        return able is [var only] ? only : null;
    }

    private static Result<IUpstream, GatewayError> Choose(GatewayRuntime runtime, ProfileConfig profile)
    {
        var members = profile.Members.Distinct(StringComparer.Ordinal).ToList();
        var name = profile.TokenizerUpstream
            ?? (members.Select(m => runtime.Upstreams[m].Config.ModelId).Distinct(StringComparer.Ordinal).Count() == 1 ? members[0] : null)
            ?? profile.LeadingMember;
        return name is null
            ? new GatewayError(409, "heterogeneous_tokenizer", $"The members of '{profile.Name}' have different tokenizers: set tokenizer_upstream in the profile.")
            {
                Type = "invalid_request_error",
                Param = "model",
            }
            : new Result<IUpstream, GatewayError>(runtime.Upstreams[name]);
    }
}

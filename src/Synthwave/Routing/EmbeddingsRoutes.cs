using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.Strategies.Embeddings;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Which upstreams give the vectors a name stands for: an upstream itself, the one of a passthrough profile, or the members of a cascade.</summary>
internal static class EmbeddingsRoutes
{
    /// <summary>The route, or the error: unknown name, voting off, 501 where a profile combines texts, which vectors cannot be.</summary>
    public static (EmbeddingsCascade? Route, GatewayError? Error) Find(GatewayRuntime runtime, string target, DispatchReport report)
    {
        switch (runtime.Names.Resolve(target))
        {
            case NameMatch.VotingDisabled voting:
                return (null, ProfileDispatcher.VotingDisabled(voting.Profile.Name));
            case NameMatch.Raw raw:
                return Build(runtime, [raw.Upstream.Name], raw.Upstream.Name, CapsConfig.None, report);
            case NameMatch.Found { Profile: CascadeProfileConfig cascade }:
                return Build(runtime, cascade.Upstreams, cascade.Name, cascade.Caps, report, cascade);
            case NameMatch.Found { Profile: { EmbeddingMembers: [_, ..] members } profile }:
                return Build(runtime, members, profile.Name, profile.Caps, report);
            case NameMatch.Found found:
                return (null, NotSupported($"Profile '{found.Profile.Name}' combines texts and cannot give embeddings. Ask for an upstream or a cascade."));
            default:
                return (null, ProfileDispatcher.ModelNotFound(target));
        }
    }

    private static (EmbeddingsCascade? Route, GatewayError? Error) Build(
        GatewayRuntime runtime, ImmutableArray<string> names, string profile, CapsConfig caps, DispatchReport report, CascadeProfileConfig? cascade = null)
    {
        ImmutableArray<IUpstream> members = [.. names.Select(n => runtime.Upstreams[n]).Where(static u => u.Speaks(UpstreamOperation.Embeddings))];
        if (members.IsEmpty)
        {
            return (null, NotSupported($"No upstream of '{profile}' speaks a protocol that has embeddings."));
        }

        report.Profile = profile;
        report.Strategy = cascade is null ? "passthrough" : "cascade";
        return (new EmbeddingsCascade(members, caps, cascade), null);
    }

    private static GatewayError NotSupported(string message) => new(501, "embeddings_not_supported", message) { Type = "invalid_request_error", Param = "model" };
}

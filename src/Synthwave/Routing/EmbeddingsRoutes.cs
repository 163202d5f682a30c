using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Strategies.Embeddings;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Which upstreams give the vectors a name stands for: those its profile names for it.</summary>
internal static class EmbeddingsRoutes
{
    /// <summary>The route, or the error: unknown name, voting off, 400 where a profile combines texts, which vectors cannot be.</summary>
    public static Result<EmbeddingsCascade, GatewayError> Find(GatewayRuntime runtime, string target, DispatchReport report)
    {
        var match = runtime.Names.Resolve(target);
        if (match.Callable is not { } profile)
        {
            return ProfileDispatcher.Refusal(match, target);
        }

        if (profile.EmbeddingMembers.IsEmpty)
        {
            return NotSupported($"Profile '{profile.Name}' combines texts and cannot give embeddings. Ask for an upstream or a cascade.");
        }

        ImmutableArray<IUpstream> members = [.. profile.EmbeddingMembers.Select(n => runtime.Upstreams[n]).Where(static u => u.Speaks(UpstreamOperation.Embeddings))];
        if (members.IsEmpty)
        {
            return NotSupported($"No upstream of '{profile.Name}' speaks a protocol that has embeddings.");
        }

        report.Profile = profile.Name;
        report.Strategy = runtime.RouteTo(profile).Strategy.Kind;
        return new EmbeddingsCascade(members, profile.Caps, profile as CascadeProfileConfig, runtime.Config.Server.MaxEmbeddingsBytes);
    }

    private static GatewayError NotSupported(string message) => GatewayError.BadRequest("embeddings_not_supported", message, "model");
}

using Synthwave.Configuration;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Api.Endpoints;

/// <summary>Whether a gateway with some upstreams down still has a way to answer for every profile a client may ask for.</summary>
internal static class Serviceability
{
    /// <summary>Without any callable profile one upstream must be up, since upstreams are callable by name.</summary>
    public static bool EveryProfileCanAnswer(GatewayConfig config, IReadOnlyList<UpstreamHealth> states)
    {
        var up = states.Where(s => s.State == HealthState.Up).Select(s => s.Upstream).ToHashSet(StringComparer.Ordinal);
        var callable = config.Profiles.Where(p => config.VotingEnabled || p is not VotingProfileConfig).ToArray();
        return callable.Length == 0 ? up.Count > 0 : callable.All(p => p.CanAnswer(up.Contains));
    }
}

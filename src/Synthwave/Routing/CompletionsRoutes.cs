using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies.Completions;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Which upstreams continue a text in the name that was asked for: those of a profile that passes requests on.</summary>
internal static class CompletionsRoutes
{
    /// <summary>Null = nobody behind the name does.</summary>
    public static CompletionsCascade? Find(GatewayRuntime runtime, string target, DispatchReport report)
    {
        if (runtime.Names.Resolve(target).Callable is not { PassesOn: true } profile)
        {
            return null;
        }

        ImmutableArray<IUpstream> members = [.. profile.Members.Select(n => runtime.Upstreams[n]).Where(static u => u.Config.HasCompletions && u.Speaks(UpstreamOperation.Completions))];
        if (members.IsEmpty)
        {
            return null;
        }

        report.Profile = profile.Name;
        report.Strategy = runtime.RouteTo(profile).Strategy.Kind;
        return new CompletionsCascade(members, profile.Caps, profile as CascadeProfileConfig);
    }
}

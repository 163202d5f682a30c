using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies.Completions;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Which upstreams continue a text in the name that was asked for: those of a profile that passes requests on.</summary>
internal static class CompletionsRoutes
{
    /// <summary>Whether any upstream does, or may.</summary>
    public static bool Exist(GatewayRuntime runtime) => runtime.Upstreams.All.Any(static u => Continues(u, isBeyondChat: true));

    /// <summary>Null = nobody behind the name does.</summary>
    /// <param name="runtime">In force.</param>
    /// <param name="target">The name that was asked for.</param>
    /// <param name="isBeyondChat">Whether the request asks for what no chat can give: a text that could be the prompt of a chat is one, unless the operator says otherwise.</param>
    /// <param name="report">Gets profile and strategy.</param>
    public static CompletionsCascade? Find(GatewayRuntime runtime, string target, bool isBeyondChat, DispatchReport report)
    {
        if (runtime.Names.Resolve(target).Callable is not { PassesOn: true } profile)
        {
            return null;
        }

        ImmutableArray<IUpstream> members = [.. profile.Members.Select(n => runtime.Upstreams[n]).Where(u => Continues(u, isBeyondChat))];
        if (members.IsEmpty)
        {
            return null;
        }

        report.Profile = profile.Name;
        report.Strategy = runtime.RouteTo(profile).Strategy.Kind;
        return new CompletionsCascade(members, profile.Caps, profile as CascadeProfileConfig);
    }

    private static bool Continues(IUpstream upstream, bool isBeyondChat) =>
        (upstream.Config.HasCompletions ?? (isBeyondChat && upstream.ContinuesTexts)) && upstream.Speaks(UpstreamOperation.Completions);
}

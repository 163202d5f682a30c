using System.Collections.Frozen;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Routing.Names;
using Synthwave.Strategies.Media;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Routing;

/// <summary>
/// One configuration made live: names, routes, upstream clients. Immutable; replaced whole.
/// </summary>
internal sealed class GatewayRuntime
{
    // By the very record Names gives: an upstream may be named like a profile.
    private readonly FrozenDictionary<ProfileConfig, Route> _routes;

    public GatewayRuntime(GatewayConfig config, UpstreamSet upstreams, DescriptionCache descriptions)
    {
        Config = config;
        Names = new ModelNames(config);
        Upstreams = upstreams;
        FindUpstream = upstreams.Find;
        TakesCallersKeys = config.Upstreams.Any(static u => u.Credentials.FromCaller);
        Media = new MediaRoutes(config, upstreams, descriptions);
        _routes = config.Profiles.Concat(Names.RawProfiles).ToFrozenDictionary(p => p, p => new Route(p, StrategyRegistry.Create(p, Upstream)), (IEqualityComparer<ProfileConfig>)ReferenceEqualityComparer.Instance);
        if (config.Server.SystemPrompt is { } prompt)
        {
            SystemMessage = (byte[])[.. "{\"role\":\"system\",\"content\":"u8, .. JsonText.Quote(prompt), .. "}"u8];
            SystemPromptTokens = MessageTokens.Of(SystemMessage.Span);
        }
    }

    public GatewayConfig Config { get; }

    public ModelNames Names { get; }

    public UpstreamSet Upstreams { get; }

    /// <summary>Finds an upstream by name; null = there is none.</summary>
    public Func<string, IUpstream?> FindUpstream { get; }

    /// <summary>Whether any upstream is asked with its callers' own keys.</summary>
    public bool TakesCallersKeys { get; }

    public MediaRoutes Media { get; }

    /// <summary>The operator's system prompt as a message object; empty = none.</summary>
    public ReadOnlyMemory<byte> SystemMessage { get; }

    public int SystemPromptTokens { get; }

    /// <param name="profile">Out of <see cref="Names"/>.</param>
    public Route RouteTo(ProfileConfig profile) => _routes[profile];

    private IUpstream Upstream(string name) => Upstreams[name];
}

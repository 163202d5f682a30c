using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
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
    private readonly FrozenDictionary<string, Route> _profiles;
    private readonly FrozenDictionary<string, Route> _rawUpstreams;

    public GatewayRuntime(GatewayConfig config, UpstreamSet upstreams, DescriptionCache descriptions)
    {
        Config = config;
        Names = new ModelNames(config);
        Upstreams = upstreams;
        FindUpstream = upstreams.Find;
        Media = new MediaRoutes(config, upstreams, descriptions);
        _profiles = config.Profiles.ToFrozenDictionary(p => p.Name, p => new Route(p.Name, StrategyFactory.Create(p, Upstream), p.Caps), StringComparer.Ordinal);
        _rawUpstreams = config.Upstreams.Select(u => u.Name).ToFrozenDictionary(
            u => u,
            u => new Route(u, StrategyFactory.Create(new PassthroughProfileConfig { Name = u, Upstream = u }, Upstream), CapsConfig.None),
            StringComparer.Ordinal);
        if (config.Server.SystemPrompt is { } prompt)
        {
            var text = JsonEncodedText.Encode(prompt, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
            SystemMessage = (byte[])[.. "{\"role\":\"system\",\"content\":\""u8, .. text, .. "\"}"u8];
            SystemPromptTokens = TokenEstimator.Message(SystemMessage.Span);
        }
    }

    public GatewayConfig Config { get; }

    public ModelNames Names { get; }

    public UpstreamSet Upstreams { get; }

    /// <summary>Finds an upstream by name; null = there is none.</summary>
    public Func<string, IUpstream?> FindUpstream { get; }

    public MediaRoutes Media { get; }

    /// <summary>The operator's system prompt as a message object; empty = none.</summary>
    public ReadOnlyMemory<byte> SystemMessage { get; }

    public int SystemPromptTokens { get; }

    public Route RouteTo(ProfileConfig profile) => _profiles[profile.Name];

    /// <summary>The route of an upstream asked for by its own name.</summary>
    public Route RouteTo(UpstreamConfig upstream) => _rawUpstreams[upstream.Name];

    private IUpstream Upstream(string name) => Upstreams[name];
}

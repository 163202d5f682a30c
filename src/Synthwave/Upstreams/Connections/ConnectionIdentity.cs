using Synthwave.Configuration;

namespace Synthwave.Upstreams.Connections;

/// <summary>What decides which connections can be shared: upstreams that agree in this use one pool, also across reloads.</summary>
internal readonly record struct ConnectionIdentity(string BaseUrl, string Proxy, TimeSpan ConnectTimeout, TlsConfig? Tls = null)
{
    public static ConnectionIdentity Of(UpstreamConfig config) => new(config.BaseUrl, config.Proxy, config.ConnectTimeout, config.Tls);
}

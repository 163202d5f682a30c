using System.Net;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Telemetry.Tracing;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>What every request to an upstream has in common. No header of a client is among it that the operator has not named.</summary>
internal static class UpstreamRequest
{
    private static readonly string UserAgent = "synthwave/" + (typeof(UpstreamRequest).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>A request that owns <paramref name="content"/>; null = no body. Without a <paramref name="caller"/> nobody asks but the gateway.</summary>
    public static HttpRequestMessage Create(
        HttpMethod method, Uri uri, UpstreamEndpoint endpoint, UpstreamConfig config, IUpstreamProtocol protocol, UpstreamSecrets secrets, HttpContent? content = null, Caller? caller = null)
    {
        var request = new HttpRequestMessage(method, secrets.Show(uri, config.Auth))
        {
            Content = content,
            // Over TLS the handshake settles the version; without it HTTP/2 would be a guess.
            Version = endpoint.IsHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        foreach (var (name, value) in (caller ?? Caller.Unknown).Headers)
        {
            Set(request, name, value);
        }

        foreach (var (name, value) in config.Headers)
        {
            Set(request, name, value);
        }

        protocol.Authorize(request.Headers, config, secrets);
        Spans.Propagate(request.Headers);
        return request;
    }

    // The last word counts.
    private static void Set(HttpRequestMessage request, string name, Secret value)
    {
        // Asked first: removing a header of the body's kind would throw.
        if (request.Headers.NonValidated.Contains(name))
        {
            request.Headers.Remove(name);
        }

        // A few (Allow, Expires, Last-Modified) belong to the body here, although nothing on the wire says so. A request without one goes without them.
        if (!request.Headers.TryAddWithoutValidation(name, value.Reveal()))
        {
            request.Content?.Headers.TryAddWithoutValidation(name, value.Reveal());
        }
    }
}

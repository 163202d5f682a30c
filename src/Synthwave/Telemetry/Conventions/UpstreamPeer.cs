using System.Runtime.CompilerServices;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Conventions;

/// <summary>Who is at the other end of a call, in the words of the conventions. Worked out once per upstream configuration.</summary>
internal sealed class UpstreamPeer
{
    private static readonly ConditionalWeakTable<UpstreamConfig, UpstreamPeer> Known = [];

    private static readonly (string HostSuffix, string Provider)[] Providers =
    [
        (".openai.azure.com", "azure.ai.openai"),
        (".inference.ai.azure.com", "azure.ai.inference"),
        ("api.openai.com", "openai"),
        ("api.anthropic.com", "anthropic"),
        ("generativelanguage.googleapis.com", "gcp.gemini"),
        ("aiplatform.googleapis.com", "gcp.vertex_ai"),
        (".amazonaws.com", "aws.bedrock"),
        ("api.mistral.ai", "mistral_ai"),
        ("api.x.ai", "x_ai"),
        ("api.deepseek.com", "deepseek"),
        ("api.groq.com", "groq"),
        ("api.cohere.com", "cohere"),
        ("api.perplexity.ai", "perplexity"),
        ("api.moonshot.ai", "moonshot_ai"),
    ];

    private UpstreamPeer(UpstreamConfig config)
    {
        if (Uri.TryCreate(config.BaseUrl, UriKind.Absolute, out var uri) && uri.Host.Length > 0)
        {
            Address = uri.Host;
            Port = uri.Port;
        }

        Provider = ProviderOf(config.Protocol, Address);
    }

    /// <summary>Host name; null = the configured URL has none.</summary>
    public string? Address { get; }

    public int Port { get; }

    /// <summary>A well-known provider by its host; otherwise the protocol spoken.</summary>
    public string Provider { get; }

    public static UpstreamPeer Of(UpstreamConfig config) => Known.GetValue(config, static c => new UpstreamPeer(c));

    private static string ProviderOf(UpstreamProtocol protocol, string? host)
    {
        foreach (var (suffix, provider) in Providers)
        {
            if (host is not null && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return provider;
            }
        }

        return protocol.ToString().ToLowerInvariant();
    }
}

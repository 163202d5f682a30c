using Synthwave.Configuration;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.Upstreams.Protocols;

/// <summary>The protocols this gateway speaks.</summary>
internal static class UpstreamProtocols
{
    private static readonly OpenAiProtocol OpenAi = new();

    /// <summary>Null = not available: every call to such an upstream fails as misconfigured, and so does its probe.</summary>
    public static IUpstreamProtocol? Find(UpstreamProtocol protocol) => protocol switch
    {
        UpstreamProtocol.OpenAi => OpenAi,
        _ => null,
    };
}

using System.Net;

namespace Synthwave.Upstreams.Connections;

/// <summary>Reads who a proxy's URL says we are.</summary>
internal static class ProxyCredentials
{
    /// <summary>Null = nobody in particular.</summary>
    public static NetworkCredential? Of(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}

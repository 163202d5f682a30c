using System.Collections.Frozen;

namespace Synthwave.Api.Admission;

/// <summary>What proxies say of whom they pass on. Where one does, the peer's address is not the client's. Pure.</summary>
internal static class ProxySigns
{
    private const string Prefix = "X-Forwarded-";

    private static readonly FrozenSet<string> Names = new[]
    {
        "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-Host", "X-Original-For", "True-Client-IP", "CF-Connecting-IP", "CF-Ray", "Fly-Client-IP",
        "Fastly-Client-IP", "X-Envoy-External-Address", "Tailscale-User-Login", "Ngrok-Skip-Browser-Warning", "X-Amzn-Trace-Id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the request came through a proxy, as far as it tells.</summary>
    public static bool Any(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || Names.Contains(name))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Net;

namespace Synthwave.Configuration;

/// <summary>Tells hosts that are this machine, and can be nothing else. Pure.</summary>
internal static class LoopbackHost
{
    /// <summary>A name or an address, which may stand in brackets, without a port.</summary>
    public static bool Is(ReadOnlySpan<char> host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim("[]"), out var address) && IPAddress.IsLoopback(address));
}

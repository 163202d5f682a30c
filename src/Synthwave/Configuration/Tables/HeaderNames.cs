using System.Collections.Frozen;

namespace Synthwave.Configuration.Tables;

/// <summary>What a header's name says about who may set it.</summary>
internal static class HeaderNames
{
    // Who may call, what only one connection knows, and what the gateway asks for.
    private static readonly FrozenSet<string> Private = FrozenSet.ToFrozenSet(
        [
            "authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate", "x-api-key", "api-key", "cookie", "set-cookie",
            "host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
            "accept", "accept-encoding",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it can be a header's name at all.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    /// <summary>Whether it describes the body or the connection, which are the gateway's own.</summary>
    public static bool IsOfTheMessage(string name) =>
        name.ToLowerInvariant() is "host" or "transfer-encoding" or "connection" || name.StartsWith("content-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a client's header of this name may reach an upstream.</summary>
    public static bool MayBeForwarded(string name) => !IsOfTheMessage(name) && !Private.Contains(name);

    /// <summary>Whether it carries a key to an upstream.</summary>
    public static bool CarriesKey(string name) => name.ToLowerInvariant() is "authorization" or "x-api-key" or "api-key";
}

using System.Buffers;
using Synthwave.Configuration;

namespace Synthwave.Api.Admission;

/// <summary>
/// What a host's name tells about who can have given it. Browsers write addresses as addresses, and nobody can let a name point here that no public name server is asked for.
/// Pure.
/// </summary>
internal static class LocalNames
{
    private static readonly SearchValues<char> OfAddresses = SearchValues.Create("0123456789.");

    // Reserved: RFC 6761, RFC 6762, RFC 8375 and ICANN's resolution 2024.07.29.06.
    private static readonly string[] Reserved = [".localhost", ".local", ".internal", ".home.arpa"];

    /// <summary>Whether a <c>Host</c> header, port included, is an address, or a name that only the machine or its own network can have given. An empty one is no browser's.</summary>
    public static bool IsLocal(ReadOnlySpan<char> host)
    {
        var name = WithoutPort(host);
        if (name.IsEmpty || name[0] == '[' || name.IndexOfAnyExcept(OfAddresses) < 0)
        {
            return true;
        }

        // A dot at the end is a name's own.
        name = name[^1] == '.' ? name[..^1] : name;
        if (!name.Contains('.'))
        {
            return true;
        }

        foreach (var reserved in Reserved)
        {
            if (name.EndsWith(reserved, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a <c>Host</c> header, port included, names this machine and can name nothing else. An empty one does not.</summary>
    public static bool IsLoopback(ReadOnlySpan<char> host) => LoopbackHost.Is(WithoutPort(host));

    /// <summary>Whether a web page's origin, such as <c>http://localhost:3000</c>, is on this machine.</summary>
    public static bool IsLoopbackOrigin(ReadOnlySpan<char> origin)
    {
        var end = origin.IndexOf("://", StringComparison.Ordinal);
        return end > 0 && LoopbackHost.Is(WithoutPort(origin[(end + 3)..]));
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var port = host.LastIndexOf(':');
        return port < 0 || host[port..].Contains(']') ? host : host[..port];
    }
}

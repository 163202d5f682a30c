using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Synthwave.Configuration;

/// <summary>
/// What is asked without a proxy: a list between commas or spaces, as curl reads it. <c>*</c> alone is everything; a name is that host and all below it, with
/// a leading dot or without; an address is itself, and with <c>/bits</c> its network. Beyond curl, <c>:port</c> behind a host limits it to that port, and
/// IPv6 addresses may stand in brackets. Immutable.
/// </summary>
internal sealed class ProxyExceptions(string list)
{
    private static readonly char[] Separators = [',', ' ', '\t'];

    private readonly bool _coversAll = list.Trim() == "*";
    private readonly ImmutableArray<Entry> _entries = [.. list.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(Read).OfType<Entry>()];

    public bool Cover(Uri target)
    {
        if (_coversAll || _entries.IsEmpty)
        {
            return _coversAll;
        }

        var host = target.DnsSafeHost.TrimEnd('.');
        var address = Address(host);
        foreach (var entry in _entries)
        {
            if ((entry.Port is null || entry.Port == target.Port) && (address is null ? entry.Names(host) : entry.Holds(address)))
            {
                return true;
            }
        }

        return false;
    }

    private static Entry? Read(string token)
    {
        var (host, port) = (token, (int?)null);
        var colon = token.LastIndexOf(':');
        var isPort = colon > 0 && (token[colon - 1] == ']' || token.IndexOf(':', StringComparison.Ordinal) == colon);
        if (isPort)
        {
            if (!ushort.TryParse(token.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            (host, port) = (token[..colon], number);
        }

        host = host is ['[', .. var inner, ']'] ? inner : host;
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        if (Address(slash < 0 ? host : host[..slash]) is { } address)
        {
            var most = address.GetAddressBytes().Length * 8;
            return slash < 0 ? new(null, address, most, port)
                : int.TryParse(host.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= most ? new(null, address, bits, port)
                : null;
        }

        var name = (host.StartsWith('.') ? host[1..] : host).TrimEnd('.');
        return name.Length > 0 ? new(name, null, 0, port) : null;
    }

    // A lone number would be taken for an address too.
    private static IPAddress? Address(string host) =>
        (host.Contains(':', StringComparison.Ordinal) || host.Count(static c => c == '.') == 3) && IPAddress.TryParse(host, out var address) ? address : null;

    private sealed record Entry(string? Name, IPAddress? Network, int Bits, int? Port)
    {
        public bool Names(string host) => Name is not null && host.EndsWith(Name, StringComparison.OrdinalIgnoreCase)
            && (host.Length == Name.Length || host[^(Name.Length + 1)] == '.');

        public bool Holds(IPAddress address)
        {
            if (Network is null || Network.AddressFamily != address.AddressFamily)
            {
                return false;
            }

            var (whole, rest) = (Bits / 8, Bits % 8);
            var (ours, theirs) = (Network.GetAddressBytes(), address.GetAddressBytes());
            return ours.AsSpan(0, whole).SequenceEqual(theirs.AsSpan(0, whole)) && (rest == 0 || (ours[whole] ^ theirs[whole]) >> (8 - rest) == 0);
        }
    }
}

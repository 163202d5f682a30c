using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Synthwave.Chat;

/// <summary>
/// Whom a request counts for: the network it came from, which is an IPv4 address or the 64 bits that an IPv6 network has in common. Made without a hash or an allocation.
/// Immutable; never told or logged.
/// </summary>
internal readonly record struct ClientIdentity
{
    // Beside no network of IPv6: 0000::/8 is reserved.
    private const ulong V4 = 1UL << 32;

    /// <summary>Tells networks apart; 0 = unknown.</summary>
    public ulong Network { get; private init; }

    /// <summary>The client at an address; null = unknown, as on a socket that has none.</summary>
    public static ClientIdentity OfAddress(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
        {
            return default;
        }

        return address.AddressFamily is AddressFamily.InterNetwork ? Of(V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : address.IsIPv4MappedToIPv6 ? Of(V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..length]))
            : Of(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    private static ClientIdentity Of(ulong network) => new() { Network = network };

    public override string ToString() => "***";
}

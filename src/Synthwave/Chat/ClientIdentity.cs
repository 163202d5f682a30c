using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Synthwave.Chat;

/// <summary>
/// Whom a request counts for: the credential it shows, else the network it came from, which is an IPv4 address or the 64 bits that an IPv6 network has in common.
/// Made without a hash or an allocation. Immutable; never told or logged.
/// </summary>
internal readonly struct ClientIdentity : IEquatable<ClientIdentity>
{
    // Beside no network of IPv6: 0000::/8 is reserved.
    private const ulong V4 = 1UL << 32;

    private readonly string? _header;
    private readonly int _start;

    private ClientIdentity(string? header, int start, ulong network) => (_header, _start, Network) = (header, start, network);

    /// <summary>The credential; empty = none is shown.</summary>
    public ReadOnlySpan<char> Credential => _header.AsSpan(_start).TrimEnd();

    /// <summary>Tells networks apart where no credential is shown.</summary>
    public ulong Network { get; }

    /// <summary>The client that shows a credential.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="start">Where in it the credential begins, which is its end.</param>
    public static ClientIdentity OfCredential(string header, int start) => new(header, start, 0);

    /// <summary>The client at an address; null = unknown, as on a socket that has none.</summary>
    public static ClientIdentity OfAddress(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
        {
            return default;
        }

        return address.AddressFamily is AddressFamily.InterNetwork ? new(null, 0, V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : address.IsIPv4MappedToIPv6 ? new(null, 0, V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..length]))
            : new(null, 0, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    public bool Equals(ClientIdentity other) => Network == other.Network && Credential.SequenceEqual(other.Credential);

    public override bool Equals(object? obj) => obj is ClientIdentity other && Equals(other);

    public override int GetHashCode() => _header is null ? Network.GetHashCode() : string.GetHashCode(Credential, StringComparison.Ordinal);

    public override string ToString() => "***";
}

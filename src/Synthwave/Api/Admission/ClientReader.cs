using System.Globalization;
using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>Reads off a request whom it counts for.</summary>
internal static class ClientReader
{
    /// <summary>
    /// The address it comes from. A credential does not count: the gateway's own token is the same for all who show it, and any other is nothing but what the client says, which could
    /// make itself many with it.
    /// </summary>
    public static ClientIdentity Read(HttpContext http) => ClientIdentity.OfAddress(http.Connection.RemoteIpAddress);

    /// <summary>A name for <paramref name="client"/>, comparable within this process only.</summary>
    public static string Name(in ClientIdentity client) => client.Network.ToString("x16", CultureInfo.InvariantCulture);
}

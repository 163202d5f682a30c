using System.Globalization;
using Microsoft.Extensions.Primitives;
using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>Reads off a request whom it counts for.</summary>
internal static class ClientReader
{
    /// <summary>
    /// The first credential that is shown as <c>Authorization: Bearer</c>, <c>x-api-key</c> or <c>api-key</c>, else the address. The gateway's own token says nothing about who
    /// shows it, and whoever shows it counts by its address, whatever else it shows: a client cannot make itself many beside it.
    /// </summary>
    /// <param name="http">The request, which has passed authentication.</param>
    /// <param name="token">The gateway's own; null = it has none.</param>
    public static ClientIdentity Read(HttpContext http, string? token)
    {
        var headers = http.Request.Headers;
        ClientIdentity? shown = null;
        return LookAt(headers.Authorization, isBearer: true, token, ref shown)
            && LookAt(headers["x-api-key"], isBearer: false, token, ref shown)
            && LookAt(headers["api-key"], isBearer: false, token, ref shown)
            && shown is { } client
                ? client
                : ClientIdentity.OfAddress(http.Connection.RemoteIpAddress);
    }

    /// <summary>A name for <paramref name="client"/> that shows nothing of its credential. Comparable within this process only.</summary>
    public static string Name(in ClientIdentity client) => client.Credential.IsEmpty
        ? "address:" + client.Network.ToString("x16", CultureInfo.InvariantCulture)
        : "credential:" + CredentialPrint.Of(client.Credential);

    // False = the gateway's token is among the values.
    private static bool LookAt(StringValues values, bool isBearer, string? token, ref ClientIdentity? shown)
    {
        foreach (var value in values)
        {
            ReadOnlySpan<char> credential;
            if (!isBearer)
            {
                credential = value.AsSpan().Trim();
            }
            else if (!BearerCredential.TryRead(value, out credential))
            {
                continue;
            }

            if (credential.IsEmpty)
            {
                continue;
            }

            // How long the comparison takes tells nobody anything: who does not know the token has not come this far.
            if (credential.SequenceEqual(token))
            {
                return false;
            }

            shown ??= ClientIdentity.OfCredential(value!, value!.AsSpan().TrimEnd().Length - credential.Length);
        }

        return true;
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Synthwave.Api.Admission;

/// <summary>
/// Tells the requests of one credential from those of others without keeping the credential. Prints are comparable within this process only. Thread-safe.
/// </summary>
internal static class CredentialPrint
{
    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(32);

    /// <summary>
    /// The print of what is shown as <c>Authorization: Bearer</c>, else as <c>x-api-key</c>, else as <c>api-key</c>: 64 hexadecimal digits. Null = nothing is shown.
    /// Says nothing about whether the credential is right.
    /// </summary>
    public static string? Of(IHeaderDictionary headers)
    {
        foreach (var value in headers.Authorization)
        {
            if (BearerCredential.TryRead(value, out var credential) && !credential.IsEmpty)
            {
                return Of(credential);
            }
        }

        return OfFirst(headers["x-api-key"]) ?? OfFirst(headers["api-key"]);
    }

    /// <summary>The print of a credential: 64 hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<char> credential) => Convert.ToHexString(HMACSHA256.HashData(Salt, Encoding.UTF8.GetBytes(credential.ToString())));

    private static string? OfFirst(StringValues values)
    {
        foreach (var value in values)
        {
            var credential = value.AsSpan().Trim();
            if (!credential.IsEmpty)
            {
                return Of(credential);
            }
        }

        return null;
    }
}

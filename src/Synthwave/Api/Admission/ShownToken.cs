using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Synthwave.Api.Admission;

/// <summary>
/// Compares what a request shows, as <c>Authorization: Bearer</c>, <c>x-api-key</c> or <c>api-key</c>, with a token. The comparison takes the same time whatever the token's
/// content. Pure.
/// </summary>
internal static class ShownToken
{
    private const int OnStack = 256;

    /// <summary>Any of the headers may carry the right token.</summary>
    public static TokenVerdict Judge(IHeaderDictionary headers, byte[] token)
    {
        var given = false;
        foreach (var value in headers.Authorization)
        {
            if (BearerCredential.TryRead(value, out var credential))
            {
                given = true;
                if (IsToken(credential, token))
                {
                    return TokenVerdict.Right;
                }
            }
        }

        return IsAnyToken(headers["x-api-key"], token, ref given) || IsAnyToken(headers["api-key"], token, ref given) ? TokenVerdict.Right
            : given ? TokenVerdict.Wrong
            : TokenVerdict.Missing;
    }

    private static bool IsAnyToken(StringValues values, byte[] token, ref bool given)
    {
        foreach (var value in values)
        {
            var credential = value.AsSpan().Trim();
            given |= !credential.IsEmpty;
            if (IsToken(credential, token))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether <paramref name="credential"/>, which is one alone, is the token.</summary>
    public static bool IsToken(ReadOnlySpan<char> credential, byte[] token)
    {
        // Header bytes above 0x7F are never a token, however the server decoded them.
        if (credential.IsEmpty || !Ascii.IsValid(credential))
        {
            return false;
        }

        byte[]? rented = null;
        var bytes = credential.Length <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(credential.Length));
        Ascii.FromUtf16(credential, bytes, out var length);
        var same = CryptographicOperations.FixedTimeEquals(bytes[..length], token);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return same;
    }
}

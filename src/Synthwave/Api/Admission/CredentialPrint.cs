using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Synthwave.Api.Admission;

/// <summary>
/// Tells the requests of one credential from those of others. Prints are comparable within this process only. Thread-safe.
/// </summary>
internal static class CredentialPrint
{
    // Prints of the latest credentials, by their hash: one is asked for with every request.
    private const int MostRecent = 64;

    // Credentials beyond so many characters are not looked at.
    private const int MostLength = 8 * 1024;

    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(32);

    private static readonly Recent?[] Latest = new Recent?[MostRecent];

    /// <summary>
    /// The print of what is shown as <c>Authorization: Bearer</c>, as <c>x-api-key</c> and as <c>api-key</c>: 64 hexadecimal digits. Where the gateway's token and a key of the
    /// caller's own come side by side, both count. Null = nothing is shown. Says nothing about whether a credential is right.
    /// </summary>
    public static string? Of(IHeaderDictionary headers)
    {
        var shown = default(ReadOnlySpan<char>);
        foreach (var value in headers.Authorization)
        {
            if (BearerCredential.TryRead(value, out var credential))
            {
                Add(credential, ref shown);
            }
        }

        AddAll(headers["x-api-key"], ref shown);
        AddAll(headers["api-key"], ref shown);
        return shown.IsEmpty ? null : Print(shown);
    }

    private static void AddAll(StringValues values, ref ReadOnlySpan<char> shown)
    {
        foreach (var value in values)
        {
            Add(value.AsSpan().Trim(), ref shown);
        }
    }

    // The same credential in two headers is one. No credential holds a line break.
    private static void Add(ReadOnlySpan<char> credential, ref ReadOnlySpan<char> shown)
    {
        if (!credential.IsEmpty && shown.Length <= MostLength && !credential.SequenceEqual(shown))
        {
            shown = shown.IsEmpty ? credential : $"{shown}\n{credential}";
        }
    }

    private static string Print(ReadOnlySpan<char> shown)
    {
        ref var recent = ref Latest[(uint)string.GetHashCode(shown) % MostRecent];
        if (Volatile.Read(ref recent) is not { } known || !shown.SequenceEqual(known.Shown))
        {
            var text = shown.ToString();
            known = new(text, Convert.ToHexString(HMACSHA256.HashData(Salt, Encoding.UTF8.GetBytes(text))));
            Volatile.Write(ref recent, known);
        }

        return known.Print;
    }

    private sealed record Recent(string Shown, string Print)
    {
        /// <summary>Nothing of a credential.</summary>
        public override string ToString() => nameof(Recent);
    }
}

using System.Security.Cryptography;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// The names under which reasoning is remembered by the call it led to. An id that is long and random says by itself which call it is. One that counts
/// (<c>call_0</c>, <c>functions.ls:3</c>) is given out in every conversation anew, and says it together with the place in the conversation only. A call whose
/// model gave it no id of its own is known by what it calls.
/// </summary>
internal static class CallPrint
{
    private const int LeastRandom = 16;

    /// <summary>Whether an id is the same in no other conversation.</summary>
    public static bool IsUnique(string id, string function)
    {
        var rest = function.Length > 0 ? id.Replace(function, " ", StringComparison.Ordinal) : id;
        var (run, hasDigit, hasLetter) = (0, false, false);
        foreach (var c in rest)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                (run, hasDigit, hasLetter) = (0, false, false);
                continue;
            }

            run++;
            hasDigit |= char.IsAsciiDigit(c);
            hasLetter |= char.IsAsciiLetter(c);
            if (run >= LeastRandom && hasDigit && hasLetter)
            {
                return true;
            }
        }

        return false;
    }

    public static string OfId(string id) => Of("i"u8, default, id, "");

    public static string OfId(string id, ReadOnlySpan<byte> place) => Of("p"u8, place, id, "");

    public static string OfCall(string function, string arguments, ReadOnlySpan<byte> place) =>
        Of("f"u8, place, function, CanonicalJson.OfArguments(arguments, NumberForm.Typed));

    private static string Of(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> place, string first, string second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(kind);
        hash.AppendData(place);
        hash.AppendData(Encoding.UTF8.GetBytes(first));
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(second));
        return Convert.ToHexString(hash.GetHashAndReset().AsSpan(..16));
    }
}

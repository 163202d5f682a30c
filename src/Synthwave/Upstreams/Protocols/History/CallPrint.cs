using System.Security.Cryptography;
using System.Text;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>
/// The names under which reasoning is remembered by the call it led to. An id that is long and random says by itself which call it is. One that counts
/// (<c>call_0</c>, <c>functions.ls:3</c>) is given out in every conversation anew, and says it together with what is called and the place in the conversation only. A call
/// whose model gave it no id of its own is known by these alone.
/// </summary>
/// <remarks>
/// Every name begins with the owner: an id is something that clients send, and one that was guessed or found must not bring another client's thoughts into a prompt.
/// Within one credential a random id is enough: who knows it has the conversation it stands in, while clients shorten what came before it, clear outputs and write arguments
/// anew, and would lose their thoughts by any of it.
/// </remarks>
internal static class CallPrint
{
    private const int LeastRandom = 16;

    /// <summary>Whether an id is the same in no other conversation.</summary>
    public static bool IsUnique(string id, string function) =>
        SecretShapes.HasRandomRun(function.Length > 0 ? id.Replace(function, " ", StringComparison.Ordinal) : id, LeastRandom);

    /// <summary>The name by an id that is in no other conversation.</summary>
    public static string OfId(string? owner, string id, string function) => Of("i"u8, owner, default, id, function, "");

    /// <summary>The name by an id that counts, at a place.</summary>
    public static string OfId(string? owner, string id, string function, string arguments, ReadOnlySpan<byte> place) => Of("p"u8, owner, place, id, function, Canonical(arguments));

    /// <summary>The name of a call without an id.</summary>
    public static string OfCall(string? owner, string function, string arguments, ReadOnlySpan<byte> place) => Of("f"u8, owner, place, "", function, Canonical(arguments));

    // Clients write numbers in their own way, and nothing as an empty object.
    private static string Canonical(string arguments) => string.IsNullOrWhiteSpace(arguments) ? "{}" : CanonicalJson.OfArguments(arguments, NumberForm.ByValue);

    private static string Of(ReadOnlySpan<byte> kind, string? owner, ReadOnlySpan<byte> place, string id, string function, string arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(kind);
        hash.AppendData(place);
        foreach (var part in (ReadOnlySpan<string?>)[owner, id, function, arguments])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part ?? ""));
            hash.AppendData([0]);
        }

        return Convert.ToHexString(hash.GetHashAndReset().AsSpan(..16));
    }
}

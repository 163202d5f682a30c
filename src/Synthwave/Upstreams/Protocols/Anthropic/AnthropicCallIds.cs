using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// The ids of a conversation's calls as the API takes them: letters, digits, <c>_</c>, <c>-</c>, at most 64, and none twice. Models that count their calls begin
/// anew in every answer. Used once, front to back.
/// </summary>
internal sealed class AnthropicCallIds
{
    private const int Longest = 64;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _newest = new(StringComparer.Ordinal);

    /// <summary>The id of the next call: its own (as it stands between quotes) where it can be, else one made of it, always the same.</summary>
    public byte[] OfCall(ReadOnlySpan<byte> escaped)
    {
        var given = Encoding.UTF8.GetString(escaped);
        var id = Fit(given);
        for (var turn = 2; !_taken.Add(id); turn++)
        {
            id = Made(string.Create(CultureInfo.InvariantCulture, $"{given}#{turn}"));
        }

        return _newest[given] = Encoding.ASCII.GetBytes(id);
    }

    /// <summary>The id under which a result names its call: the newest that was given this one.</summary>
    public byte[] OfResult(ReadOnlySpan<byte> escaped)
    {
        var given = Encoding.UTF8.GetString(escaped);
        return _newest.TryGetValue(given, out var id) ? id : Encoding.ASCII.GetBytes(Fit(given));
    }

    private static string Fit(string id) => id.Length is > 0 and <= Longest && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? id : Made(id);

    private static string Made(string text) => "toolu_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(..12));
}

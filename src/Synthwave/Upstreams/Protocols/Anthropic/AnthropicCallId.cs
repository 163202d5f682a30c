using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>A call's id as the API takes it: letters, digits, <c>_</c>, <c>-</c>, at most 64.</summary>
internal static class AnthropicCallId
{
    private const int Longest = 64;

    /// <summary>An id (as it stands between quotes) as it is, or one made of it, always the same, so that a call and its result still meet.</summary>
    public static byte[] Of(ReadOnlySpan<byte> escaped)
    {
        foreach (var b in escaped)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'_' or (byte)'-'))
            {
                return Made(escaped);
            }
        }

        return escaped.Length is > 0 and <= Longest ? escaped.ToArray() : Made(escaped);
    }

    private static byte[] Made(ReadOnlySpan<byte> text) => Encoding.ASCII.GetBytes("toolu_" + Convert.ToHexStringLower(SHA256.HashData(text)[..12]));
}

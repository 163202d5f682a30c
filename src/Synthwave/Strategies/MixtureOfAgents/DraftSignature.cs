using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// What makes two drafts the same: text with its white space collapsed. (Calls take part once ensembles carry tools.) Rendered as
/// <c>content NUL calls NUL legacy-call</c>, whose UTF-8 length is the reported draft length.
/// </summary>
internal readonly record struct DraftSignature(string Content)
{
    private const string NoCalls = "\0[]\0null";

    /// <summary>UTF-8 bytes of the rendered signature; 8 for an empty draft.</summary>
    public int Length => Encoding.UTF8.GetByteCount(Content) + NoCalls.Length;

    public static DraftSignature OfText(string text)
    {
        var collapsed = new StringBuilder(text.Length);
        var gap = false;
        foreach (var c in text.AsSpan().Trim())
        {
            if (char.IsWhiteSpace(c))
            {
                gap = true;
                continue;
            }

            if (gap)
            {
                collapsed.Append(' ');
                gap = false;
            }

            collapsed.Append(c);
        }

        return new(collapsed.ToString());
    }

    /// <summary>16 hex digits per signature under a salt of this request: equal within a request = identical drafts, nothing across requests.</summary>
    public static IReadOnlyList<string> Hashes(IEnumerable<DraftSignature> signatures)
    {
        var salt = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return [.. signatures.Select(s => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\u0001{s.Content}{NoCalls}")).AsSpan(0, 8)))];
    }
}

using System.Security.Cryptography;
using System.Text;
using Synthwave.Chat;
using Synthwave.Strategies.MixtureOfAgents.ToolPicks;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>What makes two drafts the same: text with its white space collapsed, and calls by name and arguments, whatever their order, spelling and ids.</summary>
internal readonly record struct DraftSignature(string Content, CallSignature Calls)
{
    /// <summary>White space runs become one space, none at the ends.</summary>
    public static string Collapse(string text)
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

        return collapsed.ToString();
    }

    /// <summary>16 hex digits per draft under a salt of this request: equal within a request = identical drafts, nothing across requests.</summary>
    /// <param name="rendered">Each draft as it is rendered for its length.</param>
    public static IReadOnlyList<string> Hashes(IEnumerable<string> rendered)
    {
        var salt = RandomHex.New(32);
        return [.. rendered.Select(r => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\u0001{r}")).AsSpan(0, 8)))];
    }
}

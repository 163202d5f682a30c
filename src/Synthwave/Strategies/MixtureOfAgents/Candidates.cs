using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Synthwave.Chat;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>The drafts as a synthesizer sees them: anonymous, each text once with a count, in an order that tells nothing about authors, and a fence none of them contains.</summary>
internal sealed record Candidates(string Nonce, ImmutableArray<Candidate> All)
{
    /// <summary>16 lower-case hex digits.</summary>
    public static string NewNonce() => RandomHex.New(16);

    /// <summary>A draft's text as it is shown.</summary>
    public static string Shown(string draft) => ControlTokens.Disarm(draft.Trim());

    /// <summary>Orders <paramref name="drafts"/> by <paramref name="nonce"/>: the same nonce gives the same order.</summary>
    public static Candidates Of(IEnumerable<string> drafts, string nonce)
    {
        var texts = drafts.Select(Shown).ToArray();
        while (texts.Any(t => t.Contains(nonce, StringComparison.OrdinalIgnoreCase)))
        {
            nonce = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(nonce)).AsSpan(0, 8));
        }

        var all = texts.GroupBy(t => t, StringComparer.Ordinal).Select(same => new Candidate(same.Key, same.Count())).ToArray();

        // A seeded generator gives the same numbers for ever; nothing secret hangs on the order.
        var seed = nonce.Aggregate(0, static (hash, c) => unchecked((hash * 31) + c));
        new Random(seed).Shuffle(all);
        return new(nonce, ImmutableCollectionsMarshal.AsImmutableArray(all));
    }
}

/// <summary>One draft's text, and how many generators wrote it.</summary>
internal readonly record struct Candidate(string Text, int Count);

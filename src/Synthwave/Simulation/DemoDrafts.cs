using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>
/// Finds the drafts a synthesizer was sent. A draft stands between a line <c>&lt;draft-nonce number="k"&gt;</c> (with <c>same="n"</c> when n drafts were
/// equal) and its closing line with the same nonce.
/// </summary>
internal static partial class DemoDrafts
{
    /// <summary>The text of each draft, in the order they were sent; empty when the request is no synthesis.</summary>
    public static ImmutableArray<string> Find(SimulatedRequest request) =>
        [.. request.Messages.SelectMany(m => Fences.Matches(m.Text)).Select(m => m.Groups["text"].Value.ReplaceLineEndings("\n").Trim())];

    [GeneratedRegex("""^<draft-(?<nonce>[\w-]+) number="(?<number>\d+)"(?: same="\d+")?>[ \t]*\r?\n(?<text>.*?)^</draft-\k<nonce>>""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fences { get; }
}

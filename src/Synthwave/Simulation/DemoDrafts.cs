using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>
/// The drafts a synthesizer was sent, and an answer that shows it was made of them. A draft stands between a line <c>&lt;draft-nonce number="k"&gt;</c>
/// (with <c>same="n"</c> when n drafts were equal) and its closing line with the same nonce.
/// </summary>
internal static partial class DemoDrafts
{
    private const int LongestQuote = 200;

    /// <summary>Number and text of each draft, in the order they were sent; empty when the request is no synthesis.</summary>
    public static ImmutableArray<(int Number, string Text)> Find(SimulatedRequest request) =>
    [
        .. request.Messages.SelectMany(m => Fences.Matches(m.Text))
            .Where(m => int.TryParse(m.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(m => (int.Parse(m.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture), m.Groups["text"].Value.Trim())),
    ];

    /// <summary>One point of each draft, none twice, and how many drafts there were.</summary>
    public static string Combine(ImmutableArray<(int Number, string Text)> drafts)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"Combined from {drafts.Length} {(drafts.Length == 1 ? "draft" : "drafts")}:\n"));
        var said = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (number, draft) in drafts)
        {
            var points = PointsOf(draft);
            var point = points.FirstOrDefault(said.Add) ?? "agrees with the points above.";
            text.Append(CultureInfo.InvariantCulture, $"\n{number}. {point}");
        }

        return text.Append("\n\nEach point comes from the draft of that number; together they cover more than any one of them.").ToString();
    }

    [GeneratedRegex("""^<draft-(?<nonce>[\w-]+) number="(?<number>\d+)"(?: same="\d+")?>[ \t]*\r?\n(?<text>.*?)^</draft-\k<nonce>>""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fences { get; }

    [GeneratedRegex(@"^\s*([-*•]|\d+[.)])\s+(?<point>\S.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ListItems { get; }

    /// <summary>The draft's list items, or else its lines.</summary>
    private static IEnumerable<string> PointsOf(string draft)
    {
        var items = ListItems.Matches(draft).Select(m => m.Groups["point"].Value).ToArray();
        var points = items.Length > 0 ? items : draft.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return points.Select(p => p.Trim()).Select(p => p.Length <= LongestQuote ? p : p[..LongestQuote] + "…");
    }
}

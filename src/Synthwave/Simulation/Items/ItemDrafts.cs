using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation.Items;

/// <summary>The drafts a synthesizer or judge was really sent: what stands between fences of one nonce, and how many generators wrote it.</summary>
internal static partial class ItemDrafts
{
    /// <summary>In the order they were sent; empty when the request is neither synthesis nor judgement.</summary>
    public static ImmutableArray<ItemDraft> Find(SimulatedRequest request) =>
        [.. request.Messages.SelectMany(m => Fences.Matches(m.Text)).Select(m => new ItemDraft(Number(m.Groups["number"]), m.Groups["text"].Value.Trim(), Math.Max(1, Number(m.Groups["same"]))))];

    /// <summary>The prompt without the drafts: what was asked.</summary>
    public static string Question(SimulatedRequest request) => Fences.Replace(request.LastUserText, "");

    [GeneratedRegex("""^<draft-(?<nonce>[\w-]+) number="(?<number>\d{1,6})"(?: same="(?<same>\d{1,6})")?>[ \t]*\r?\n(?<text>.*?)^</draft-\k<nonce>>""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fences { get; }

    private static int Number(Group group) => int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>One draft: its number in the prompt, its text, and how many wrote exactly that.</summary>
internal sealed record ItemDraft(int Number, string Text, int Count);

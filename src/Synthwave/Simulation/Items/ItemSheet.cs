using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation.Items;

/// <summary>
/// Questions on paper. A prompt names them as <c>[kind/number]</c>, as many as it likes; an answer has a line <c>[kind/number] word</c> for each of them, or
/// just the word when there is one.
/// </summary>
internal sealed partial class ItemSheet
{
    private readonly FrozenDictionary<string, ItemKind> _kinds;

    public ItemSheet(params IEnumerable<ItemKind> kinds) => _kinds = kinds.ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);

    public static string Name(ItemKind kind, long question) => string.Create(CultureInfo.InvariantCulture, $"[{kind.Name}/{question}]");

    /// <summary>The questions of known kinds in <paramref name="prompt"/>, each once, in order.</summary>
    public ImmutableArray<ItemQuestion> Questions(string prompt) => [.. Read(prompt).Distinct()];

    /// <summary>What <paramref name="text"/> answers to each of <paramref name="questions"/>; null where it says nothing that is an option.</summary>
    public static ImmutableArray<string?> Answers(string text, ImmutableArray<ItemQuestion> questions)
    {
        if (questions is [var only] && !text.Contains('['))
        {
            return [Option(only.Kind, FirstWord.Match(text).Value)];
        }

        var lines = Lines.Matches(text).GroupBy(m => m.Groups["item"].Value, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Groups["word"].Value, StringComparer.Ordinal);
        return [.. questions.Select(q => lines.TryGetValue(q.Name, out var word) ? Option(q.Kind, word) : null)];
    }

    /// <summary>An answer sheet: a line a question, or the bare word for a single one.</summary>
    public static string Write(ImmutableArray<ItemQuestion> questions, Func<ItemQuestion, string> answer) =>
        questions is [var only] ? answer(only) : string.Join('\n', questions.Select(q => $"{q.Name} {answer(q)}"));

    [GeneratedRegex(@"\[(?<kind>[\w.-]+)/(?<number>\d{1,18})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Items { get; }

    [GeneratedRegex(@"^(?<item>\[[\w.-]+/\d{1,18}\])[ \t]+(?<word>\w+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Lines { get; }

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant)]
    private static partial Regex FirstWord { get; }

    private IEnumerable<ItemQuestion> Read(string prompt) => Items.Matches(prompt)
        .Where(m => _kinds.ContainsKey(m.Groups["kind"].Value))
        .Select(m => new ItemQuestion(_kinds[m.Groups["kind"].Value], long.Parse(m.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)));

    private static string? Option(ItemKind kind, string word) => kind.Options.FirstOrDefault(o => string.Equals(o, word, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One question of a kind.</summary>
internal readonly record struct ItemQuestion(ItemKind Kind, long Number)
{
    /// <summary>As a prompt names it.</summary>
    public string Name => ItemSheet.Name(Kind, Number);

    public string Truth => Kind.Truth(Number);
}

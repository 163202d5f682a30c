using System.Text.RegularExpressions;
using Synthwave.Routing;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Documents;

/// <summary>What the pages call by name is called so.</summary>
public sealed partial class NameTests
{
    private static readonly Lazy<string> Source = new(static () => string.Concat(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

    public static TheoryData<string> Pages => [.. Document.All.Select(static d => d.Path).Where(static p => p.StartsWith("docs/", StringComparison.Ordinal) || p is "README.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Headers_are_ones_that_are_sent(string page) =>
        Headers().Matches(Document.Of(page).Text).Select(static m => m.Value).Distinct().Where(static h => !Source.Value.Contains($"\"{h}\"", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void Error_codes_are_ones_that_are_given()
    {
        var table = Document.Of("docs/http-api.md").Text.Split('\n').SkipWhile(static l => !l.StartsWith("| status | code |", StringComparison.Ordinal)).Skip(2).TakeWhile(static l => l.StartsWith('|'));

        var codes = table.Select(static l => l.Split('|')[2]).SelectMany(static c => Codes().Matches(c)).Select(static m => m.Groups["code"].Value).Where(static c => !c.EndsWith('…')).ToList();

        codes.Should().HaveCountGreaterThan(40);
        // Those of media begin with what kind it is.
        codes.Where(static c => !Source.Value.Contains($"\"{c}\"", StringComparison.Ordinal) && !Source.Value.Contains($"}}{c[Math.Max(0, c.IndexOf('_', StringComparison.Ordinal))..]}\"", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Keys_in_backticks_are_keys(string page)
    {
        // Durations and sizes say by their ends that they are keys.
        var unknown = Keys().Matches(Document.Of(page).Prose).Select(static m => m.Groups["key"].Value).Distinct()
            .Where(static k => !Reference.Value.Contains($"`{k}`", StringComparison.Ordinal) && !Source.Value.Contains($"\"{k}\"", StringComparison.Ordinal));

        unknown.Should().BeEmpty();
    }

    [Fact]
    public void Every_strategy_stands_in_the_page_about_ensembles() =>
        StrategyRegistry.Kinds.Select(static k => k.Word).Where(static n => !Document.Of("docs/ensembles.md").Text.Contains(n, StringComparison.OrdinalIgnoreCase)).Should().BeSubsetOf(["multimodal", "moa"]);

    private static readonly Lazy<string> Reference = new(static () => Document.Of("docs/configuration.md").Text);

    [GeneratedRegex("X-MetaModel-[A-Za-z-]*[A-Za-z]")]
    private static partial Regex Headers();

    [GeneratedRegex("`(?<code>[a-z0-9_…]+)`")]
    private static partial Regex Codes();

    [GeneratedRegex("`(?<key>[a-z_]+_(secs|mb|sec|usd|calls|concurrency|prompt|policy|format))`")]
    private static partial Regex Keys();
}

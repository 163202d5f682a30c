using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using Synthwave.Commands;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Commands;

/// <summary>The verbs and options that <c>--help</c> shows are those of the table in the README, and the pages name no other.</summary>
public sealed partial class VerbDocumentsTests
{
    private static readonly RootCommand Root = CommandLine.Build();

    private static readonly Dictionary<string, string> Rows = Table();

    public static TheoryData<string> Verbs => [.. Root.Subcommands.Select(static c => c.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_has_a_row_with_each_of_its_options_and_no_other(string verb)
    {
        Rows.Should().ContainKey(verb, "the table of verbs in README.md has a row for each");

        Options().Matches(Rows[verb]).Select(static m => m.Value).Distinct().Should().BeEquivalentTo(Of(verb), "the row of {0} in README.md names what synthwave {0} --help shows", verb);
    }

    [Fact]
    public void A_row_is_one_of_a_verb() => Rows.Keys.Should().BeSubsetOf(Root.Subcommands.Select(static c => c.Name));

    [Fact]
    public void An_option_without_a_verb_is_one_of_serve() =>
        Named(Root).Should().BeEquivalentTo(Of("serve"));

    [Fact]
    public void Every_verb_and_option_says_what_it_does() =>
        Root.Subcommands.SelectMany(static c => c.Options.Select(static o => (o.Name, o.Description)).Append((c.Name, c.Description))).Where(static o => string.IsNullOrWhiteSpace(o.Description)).Should().BeEmpty();

    [Fact]
    public void The_pages_name_no_option_that_is_not_there()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md"));
        var named = from page in pages
                    from line in File.ReadLines(page)
                    from use in Uses().Matches(line)
                    where Rows.ContainsKey(use.Groups["verb"].Value)
                    from option in Options().Matches(use.Groups["rest"].Value)
                    select (Page: Path.GetFileName(page), Verb: use.Groups["verb"].Value, Option: option.Value);

        named.Should().NotBeEmpty().And.OnlyContain(n => Of(n.Verb).Contains(n.Option));
    }

    private static IEnumerable<string> Of(string verb) => Named(Root.Subcommands.Single(c => c.Name == verb));

    private static IEnumerable<string> Named(Command command) => command.Options.Where(static o => o is not (HelpOption or VersionOption)).Select(static o => o.Name);

    private static Dictionary<string, string> Table() => File.ReadLines(Path.Combine(Repository.Root, "README.md"))
        .SkipWhile(static l => l != "## Commands").Skip(1).TakeWhile(static l => !l.StartsWith('#'))
        .Select(static l => Row().Match(l)).Where(static m => m.Success)
        .ToDictionary(static m => m.Groups["verb"].Value, static m => m.Groups["rest"].Value);

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex Options();

    [GeneratedRegex(@"^\| `(?<verb>[a-z]+)[^|]*\|(?<rest>.*)\|$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"synthwave (?<verb>[a-z]+)(?<rest>( [^`\s#|)]+)*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Uses();
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Documents;

/// <summary>A page of the project's documents, taken apart.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Text">As it stands there.</param>
internal sealed partial record Document(string Path, string Text)
{
    // Notes to a harness, and folders that are installed or built.
    private static readonly string[] NoPages = ["node_modules", "artifacts", "bin", "obj", ".git", "fixtures"];

    /// <summary>Every page of the repository.</summary>
    public static ImmutableArray<Document> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
            .Append(System.IO.Path.Combine(Repository.Root, "llms.txt"))
            .Select(static f => System.IO.Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .Where(static f => !f.Split('/').Intersect(NoPages).Any())
            .Order(StringComparer.Ordinal)
            .Select(static f => new Document(f, File.ReadAllText(System.IO.Path.Combine(Repository.Root, f)))),
    ];

    /// <summary>A page that must be there.</summary>
    public static Document Of(string path) => All.Single(d => d.Path == path);

    /// <summary>The blocks of code, in order.</summary>
    public IEnumerable<CodeBlock> Blocks =>
        Fences.Matches(Text).Select(m => new CodeBlock(Path, Text.AsSpan(0, m.Index).Count('\n') + 1, m.Groups["language"].Value, m.Groups["code"].Value));

    /// <summary>Where links lead, without those to other hosts.</summary>
    public IEnumerable<string> Links =>
        LinkForm.Matches(Prose).Select(static m => m.Groups["target"].Value).Where(static t => !t.Contains("://", StringComparison.Ordinal) && !t.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>The anchors of its headings, as hosting services make them.</summary>
    public IReadOnlySet<string> Anchors => Headings.Matches(Prose).Select(static m => Anchor(m.Groups["heading"].Value)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The text without blocks of code.</summary>
    public string Prose => Fences.Replace(Text, "");

    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"^```(?<language>[a-z]*)\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fences { get; }

    [GeneratedRegex(@"\[[^\]\[]*\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex LinkForm { get; }

    [GeneratedRegex(@"^#+ (?<heading>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Headings { get; }
}

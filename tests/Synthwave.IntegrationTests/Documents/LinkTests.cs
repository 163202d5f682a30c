using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Documents;

/// <summary>Links lead somewhere, and the pages hold together.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. Document.All.Select(static d => d.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there(string page)
    {
        var document = Document.Of(page);
        var folder = Path.GetDirectoryName(page) ?? "";

        var dead = document.Links.Where(link =>
        {
            var (file, anchor) = link.Split('#', 2) is [var f, var a] ? (f, a) : (link, null);
            var target = file.Length == 0 ? page : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, folder, file))).Replace('\\', '/');
            var there = Path.Combine(Repository.Root, target);
            return target.StartsWith("..", StringComparison.Ordinal) || !(File.Exists(there) || Directory.Exists(there))
                || (anchor is not null && !Document.Of(target).Anchors.Contains(anchor));
        });

        dead.Should().BeEmpty();
    }

    [Fact]
    public void The_readme_leads_to_every_page_and_stays_short()
    {
        var readme = Document.Of("README.md");

        readme.Links.Should().Contain(Document.All.Select(static d => d.Path).Where(static p => p.StartsWith("docs/", StringComparison.Ordinal)));
        readme.Text.Split('\n').Length.Should().BeLessThan(150);
    }

    [Fact]
    public void The_list_for_language_models_names_every_page() =>
        Document.Of("llms.txt").Links.Should().Contain(Document.All.Select(static d => d.Path).Where(static p => p.StartsWith("docs/", StringComparison.Ordinal)));
}

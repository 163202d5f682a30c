using Synthwave.Configuration.Loading;
using Synthwave.TestKit;
using Synthwave.UnitTests.Api.Description;
using Synthwave.UnitTests.Providers;
using Synthwave.UnitTests.Telemetry.Metrics;

namespace Synthwave.UnitTests.Configuration.Reference;

/// <summary>The files that are written from others are as those would write them: from the declarations of keys and of metrics, and from the parts of the API's description.</summary>
public sealed class GeneratedFilesTests
{
    private const string Switch = "SYNTHWAVE_REWRITE";

    [Fact]
    public void The_reference_is_current()
    {
        ShouldBeCurrent(Path.Combine("docs", "configuration.md"), ReferencePage.Write());
    }

    [Fact]
    public void The_example_is_current()
    {
        ShouldBeCurrent("meta-model.toml.example", ExampleFile.Write());
    }

    [Fact]
    public void The_list_of_metrics_is_current()
    {
        ShouldBeCurrent(Path.Combine("docs", "metrics.md"), MetricsPage.Write());
    }

    [Fact]
    public void The_list_of_providers_is_current()
    {
        ShouldBeCurrent(Path.Combine("docs", "providers.md"), ProvidersPage.Write());
    }

    [Fact]
    public void The_description_of_the_API_is_current()
    {
        var folder = Path.Combine("src", "Synthwave", "Api");
        ShouldBeCurrent(Path.Combine(folder, "Endpoints", "openapi.json"), DescriptionParts.Join(Path.Combine(Repository.Root, folder, "OpenApi")));
    }

    [Fact]
    public void Every_key_says_what_it_is_for_in_words_that_fit_a_message()
    {
        foreach (var key in ConfigSchema.All.SelectMany(s => s.Keys))
        {
            key.Meaning.Should().NotBeNullOrWhiteSpace().And.NotEndWith(".", "a hint is no sentence ({0})", key.Name);
            key.Expects.Should().NotBeNullOrWhiteSpace();
            (key.Details ?? "Some.").Should().EndWith(".", "details are sentences ({0})", key.Name);
        }
    }

    [Fact]
    public void No_table_has_a_key_twice()
    {
        foreach (var table in ConfigSchema.All)
        {
            table.Keys.Select(k => k.Name).Should().OnlyHaveUniqueItems(table.Title);
        }
    }

    private static void ShouldBeCurrent(string file, string text)
    {
        var path = Path.Combine(Repository.Root, file);
        if (Environment.GetEnvironmentVariable(Switch) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        var committed = File.Exists(path) ? File.ReadAllText(path) : "";
        var line = committed.Split('\n').Zip(text.Split('\n')).TakeWhile(pair => pair.First == pair.Second).Count() + 1;
        (committed == text).Should().BeTrue(
            "{0} is written from other files and differs from them at line {1}; rewrite it with: {2}=1 dotnet test tests/Synthwave.UnitTests --filter GeneratedFilesTests",
            file,
            line,
            Switch);
    }
}

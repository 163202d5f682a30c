using System.Text.Json;
using Synthwave.Configuration.Loading;

namespace Synthwave.IntegrationTests.Documents;

/// <summary>What is shown can be taken as it stands: configurations load, and the rest is what it says it is.</summary>
public sealed class BlockTests
{
    /// <summary>Languages whose blocks are run or read by a test: here, beside this, and by the tests of clients.</summary>
    private static readonly string[] Tested = ["toml", "json", "sh", "js", "csharp"];

    /// <summary>Languages without a reader here, and text.</summary>
    private static readonly string[] Shown = ["python", "yaml", "promql", "ini", ""];

    public static TheoryData<string, int> Configurations => Of("toml");

    public static TheoryData<string, int> Documents => Of("json");

    [Fact]
    public void Every_block_is_of_a_language_that_somebody_looks_at() =>
        Document.All.SelectMany(static d => d.Blocks).Where(static b => !Tested.Contains(b.Language) && !Shown.Contains(b.Language)).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_configuration_loads_without_a_warning(string page, int line)
    {
        var block = At(page, line);

        var result = ConfigLoader.Parse(Whole(block.Code), "meta-model.toml", static name => name.EndsWith("_KEY", StringComparison.Ordinal) || name.EndsWith("_TOKEN", StringComparison.Ordinal) ? "secret-of-a-test" : null);

        result.Errors.Should().BeEmpty("of {0}", block);
        result.Warnings.Should().BeEmpty("of {0}", block);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_is_one(string page, int line)
    {
        var reading = () => JsonDocument.Parse(At(page, line).Code).Dispose();

        reading.Should().NotThrow();
    }

    // A part of a configuration stands beside an upstream and a profile.
    private static string Whole(string toml) =>
        (toml.Contains("[upstreams.", StringComparison.Ordinal) ? toml : toml + "\n[upstreams.some]\nmodel_id = \"some\"\nbase_url = \"http://127.0.0.1:9/v1\"\ncontext = 32768\nmax_output = 4096\n")
        + (toml.Contains("[profiles.", StringComparison.Ordinal) ? "" : "\n[profiles.any]\ntype = \"cascade\"\nupstreams = [\"some\"]\n");

    private static TheoryData<string, int> Of(string language)
    {
        var data = new TheoryData<string, int>();
        foreach (var block in Document.All.SelectMany(static d => d.Blocks).Where(b => b.Language == language && !IsForeign(b)))
        {
            data.Add(block.Page, block.Line);
        }

        return data;
    }

    // Codex has a file of its own.
    private static bool IsForeign(CodeBlock block) => block.Code.Contains("[model_providers.", StringComparison.Ordinal);

    private static CodeBlock At(string page, int line) => Document.Of(page).Blocks.Single(b => b.Line == line);
}

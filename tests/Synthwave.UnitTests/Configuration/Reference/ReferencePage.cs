using System.Text;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Reference;

/// <summary>Writes <c>docs/configuration.md</c> from the declarations of the keys.</summary>
internal static class ReferencePage
{
    private const string Head = """
        # Configuration

        Every table and key of `meta-model.toml`. `meta-model.toml.example` shows them in use; `synthwave check` says everything that is wrong with a file, with
        its place, and `synthwave check --effective` prints it with all defaults filled in.

        The file is TOML 1.1. Durations are seconds unless the key says otherwise. Numbers and switches may be written as strings. Changes are picked up without a
        restart; `host` and `port` alone ask for one. Keys, tokens and passwords can stand in the file, but are better kept in environment variables
        or in files. A key, token or password that is a file is read with the configuration and again when the file changes, also by a link that is swapped; its
        last line break does not count. Relative paths start at the directory of the configuration. A token that is named and not there is an error; a key that is
        not there is a warning, and its upstream cannot be called.

        In every string `${NAME}` stands for the value of an environment variable, `${NAME:-default}` for it or, where it is unset or empty, for the default, and
        `$$` for a dollar sign; any other dollar sign is one. A variable that is not set and has no default is an error. The environment is read when the file is.

        The names in `[upstreams.…]` and `[profiles.…]` are yours. Upstreams, profiles, their aliases and the brand share one namespace in which letter case makes no
        difference.


        """;

    public static string Write()
    {
        var page = new StringBuilder(Head);
        Add(page, "##", "[server]", ConfigSchema.Server.Meaning, ServerTable.Keys);
        Add(page, "##", "[features]", ConfigSchema.Features.Meaning, FeaturesTable.Keys);
        Add(page, "##", "[history]", ConfigSchema.History.Meaning, HistoryTable.Keys);
        Add(page, "##", "[providers.name]", $"{ConfigSchema.Providers.Meaning}; see [Providers](providers.md)", ProviderTable.Keys, UpstreamTable.Keys.Keys);
        page.Append("Beside it the keys of `[upstreams.name]` that are about the endpoint and not about the model: ");
        page.AppendJoin(", ", ProviderTable.Keys.Keys.Skip(1).Select(k => $"`{k.Name}`")).Append(".\n\n");
        Add(page, "##", "[upstreams.name]", ConfigSchema.Upstreams.Meaning, UpstreamTable.Keys);
        AddInner(page, "[upstreams.name", UpstreamTable.Keys);
        Add(page, "##", "[profiles.name]", $"{ConfigSchema.Profiles.Meaning}; the keys of every kind", ProfileTable.Keys);
        foreach (var kind in ProfileKinds.All)
        {
            Add(page, "###", $"[profiles.name] with type = \"{kind.Word}\"", kind.Meaning, kind.Schema, ProfileTable.Keys.Keys);
            foreach (var list in kind.Schema.Keys.OfType<MixedListKey>())
            {
                Add(page, "####", $"An entry of {list.Name}", "a name alone, or a table", list.Schema);
            }
        }

        Add(page, "##", "[vision]", ConfigSchema.Vision.Meaning, ModalityTables.Vision);
        Add(page, "##", "[video]", ConfigSchema.Video.Meaning, ModalityTables.Video);
        Add(page, "##", "[audio]", ConfigSchema.Audio.Meaning, ModalityTables.Audio);
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void AddInner(StringBuilder page, string path, TableSchema schema)
    {
        foreach (var key in schema.Keys.OfType<TableKey>().Where(k => k.Schema is not null))
        {
            Add(page, "###", $"{path}.{key.Name}]", key.Meaning, key.Schema!);
        }
    }

    private static void Add(StringBuilder page, string level, string title, string meaning, TableSchema schema, IEnumerable<ConfigKey>? without = null)
    {
        page.Append($"{level} {(title.StartsWith('[') ? $"`{title}`" : title)}\n\n{Prose.Sentence(meaning)}\n\n| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in schema.Keys.Except(without ?? []))
        {
            var words = string.Join(' ', new[] { Prose.Sentence(key.Meaning), key.Details }.OfType<string>());
            page.Append($"| `{key.Name}` | {Cell(key.Expects)} | {Cell(Default(key, schema))} | {Cell(words)} |\n");
        }

        page.Append('\n');
    }

    private static string Default(ConfigKey key, TableSchema schema) =>
        key.IsRequired ? key.RequiredWithout is { } other ? $"required without `{other}`" : "required"
        : key.WhenAbsent ?? (schema.DefaultOf(key) is { } value ? $"`{TomlWriter.Inline(value)}`" : "not set");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}

using System.Collections.Immutable;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Profiles;

/// <summary>The entries of <c>generators</c>: names of upstreams, or tables that say more.</summary>
internal static class GeneratorList
{
    public static readonly Table<GeneratorConfig> Keys = new("an entry of generators", new GeneratorConfig(""));

    public static readonly ConfigKey<string> Upstream = Keys.Add(
        new TextKey("upstream", "upstream that drafts") { NotEmpty = true, IsRequired = true, NamesUpstream = true },
        g => g.Upstream,
        (g, v) => g with { Upstream = v });

    public static readonly ConfigKey<int> Samples = Keys.Add(
        new IntegerKey("samples", "drafts taken from this generator", 1, 64),
        g => g.Samples,
        (g, v) => g with { Samples = v });

    public static readonly ConfigKey<double> Temperature = Keys.AddOptional(
        new NumberKey("temperature", "sampling temperature", new NumberRange(0, 2)) { WhenAbsent = "generator_temperature" },
        g => g.Temperature,
        (g, v) => g with { Temperature = v });

    public static ImmutableArray<GeneratorConfig> Read(SectionReader section, ConfigKey key)
    {
        if (section.Items(key) is not { } items)
        {
            return [];
        }

        var generators = new List<GeneratorConfig>(items.Count);
        var names = new List<NamedEntry>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var path = section.ItemPath(key, i);
            switch (items[i])
            {
                case TomlString text:
                    generators.Add(new GeneratorConfig(text.Value));
                    names.Add(new NamedEntry(text.Value, text.Position, path));
                    section.Refer(names[^1]);
                    break;
                case TomlTable table:
                    var entry = section.Inner(table, path);
                    entry.RefuseUnknownKeys(Keys);
                    generators.Add(Keys.Read(entry, Keys.Blank));
                    if (generators[^1].Upstream.Length > 0)
                    {
                        names.Add(new NamedEntry(generators[^1].Upstream, entry.PositionOf(Upstream), entry.PathOf(Upstream)));
                    }

                    break;
                default:
                    section.ErrorAt(items[i].Position, path, $"must be a string or a table; found {items[i].TypeName}", key.Meaning);
                    break;
            }
        }

        section.CheckMembers(key, names, items.Count, atLeast: 1, unique: true, "a second draft of one upstream is written { upstream = \"…\", samples = 2 }");
        return [.. generators];
    }

    /// <summary>Names alone where a table would say nothing else.</summary>
    public static TomlArray Write(IEnumerable<GeneratorConfig> generators)
    {
        var array = new TomlArray();
        foreach (var generator in generators)
        {
            array.Add(generator is { Samples: 1, Temperature: null } ? new TomlString(generator.Upstream) : Keys.Write(generator, TomlTableOrigin.Inline));
        }

        return array;
    }
}

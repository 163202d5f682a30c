using System.Text.RegularExpressions;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>Reads from a file's tree where each of its values stands. Stateless.</summary>
internal static partial class OriginReader
{
    /// <param name="tree">The file as it is written, before variables are put in.</param>
    /// <param name="file">What problems call the file; null = it has no name.</param>
    public static IEnumerable<KeyValuePair<string, ConfigOrigin>> Read(TomlTable tree, string? file) => Read(tree, file ?? "configuration", "");

    private static IEnumerable<KeyValuePair<string, ConfigOrigin>> Read(TomlTable table, string file, string path)
    {
        foreach (var (key, place, value) in table.Entries)
        {
            var name = path.Length == 0 ? TomlWriter.Key(key) : $"{path}.{TomlWriter.Key(key)}";
            var at = value is TomlTable ? place : value.Position;
            yield return new(name, new ConfigOrigin(OriginKind.File, file, at.Line, at.Column) { Variables = VariablesIn(value) });
            if (value is TomlTable child)
            {
                foreach (var inner in Read(child, file, name))
                {
                    yield return inner;
                }
            }
        }
    }

    private static List<string>? VariablesIn(TomlValue value)
    {
        List<string>? names = null;
        Visit(value);
        return names;

        void Visit(TomlValue at)
        {
            switch (at)
            {
                case TomlString { Value: var text } when text.Contains("${", StringComparison.Ordinal):
                    foreach (var name in Variable().Matches(text).Select(static m => m.Groups["name"].Value))
                    {
                        names ??= [];
                        if (!names.Contains(name))
                        {
                            names.Add(name);
                        }
                    }

                    break;
                case TomlArray array:
                    foreach (var item in array.Items)
                    {
                        Visit(item);
                    }

                    break;
                case TomlTable { Origin: TomlTableOrigin.Inline } table:
                    foreach (var entry in table.Entries)
                    {
                        Visit(entry.Value);
                    }

                    break;
            }
        }
    }

    // Two dollar signs stand for one, and no variable begins there.
    [GeneratedRegex(@"(?<!\$)(?:\$\$)*\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}

using System.Globalization;

namespace Synthwave.Configuration.Toml;

/// <summary>Trees that differ from others in their strings alone.</summary>
internal static class TomlStrings
{
    /// <summary>The same tree with every string replaced. Keys are no strings here.</summary>
    /// <param name="table">The tree.</param>
    /// <param name="replace">The string that takes the place of one, given with its dotted key.</param>
    /// <param name="path">The dotted key of the table.</param>
    public static TomlTable Replace(TomlTable table, Func<TomlString, string, TomlString> replace, string path = "")
    {
        var replaced = new TomlTable(table.Origin, table.Position);
        foreach (var (key, position, value) in table.Entries)
        {
            var name = TomlWriter.Key(key);
            replaced.Add(key, Replace(value, replace, path.Length == 0 ? name : $"{path}.{name}"), position);
        }

        return replaced;
    }

    private static TomlValue Replace(TomlValue value, Func<TomlString, string, TomlString> replace, string path) => value switch
    {
        TomlString text => replace(text, path),
        TomlTable table => Replace(table, replace, path),
        TomlArray array => Replace(array, replace, path),
        _ => value,
    };

    private static TomlArray Replace(TomlArray array, Func<TomlString, string, TomlString> replace, string path)
    {
        var replaced = new TomlArray(array.Position) { IsOfTables = array.IsOfTables };
        for (var i = 0; i < array.Items.Count; i++)
        {
            replaced.Add(Replace(array.Items[i], replace, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")));
        }

        return replaced;
    }
}

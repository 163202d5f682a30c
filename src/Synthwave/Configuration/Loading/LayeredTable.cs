using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>A table that is filled up from others. What is there stays; tables of options are filled up member by member.</summary>
internal sealed class LayeredTable
{
    private readonly string _path;

    /// <param name="written">The table as it is written, which is not changed.</param>
    /// <param name="path">Its dotted key.</param>
    /// <param name="instead">A key and the text that takes the place of the one at it; null = everything stays.</param>
    public LayeredTable(TomlTable written, string path, (string Key, string Text)? instead = null)
    {
        _path = path;
        Table = Copy(written, instead);
    }

    public TomlTable Table { get; }

    /// <summary>Where each value comes from that was added, by dotted key.</summary>
    public List<KeyValuePair<string, ConfigOrigin>> Origins { get; } = [];

    public bool Has(string key) => Table.Find(key) is not null;

    /// <summary>The text at a key; null = there is none.</summary>
    public string? TextOf(string key) => (Table.Find(key)?.Value as TomlString)?.Value;

    /// <summary>Adds a value where there is none.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="place">Where the key is written, or whatever is the reason for it.</param>
    /// <param name="origin">Where the value comes from, and each value in it, by the dotted key below this table.</param>
    public void Add(string key, TomlValue value, TomlPosition place, Func<string, ConfigOrigin> origin)
    {
        var own = Table.Find(key)?.Value;
        if (value is TomlTable inner && (own is null or TomlTable))
        {
            var target = own as TomlTable;
            if (target is null)
            {
                target = new TomlTable(inner.Origin, inner.Position);
                Table.Add(key, target, place);
                Note(key, origin);
            }

            foreach (var entry in inner.Entries.Where(e => target.Find(e.Key) is null))
            {
                target.Add(entry.Key, entry.Value, entry.KeyPosition);
                Note($"{key}.{TomlWriter.Key(entry.Key)}", origin);
            }
        }
        else if (own is null)
        {
            Table.Add(key, value, place);
            Note(key, origin);
        }
    }

    private void Note(string key, Func<string, ConfigOrigin> origin) => Origins.Add(new($"{_path}.{key}", origin(key)));

    private static TomlTable Copy(TomlTable table, (string Key, string Text)? instead = null)
    {
        var copy = new TomlTable(table.Origin, table.Position);
        foreach (var entry in table.Entries)
        {
            var value = entry.Value is TomlTable inner ? Copy(inner) : entry.Key == instead?.Key ? new TomlString(instead.Value.Text, entry.Value.Position) : entry.Value;
            copy.Add(entry.Key, value, entry.KeyPosition);
        }

        return copy;
    }
}

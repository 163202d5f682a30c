using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Binding;

/// <summary>An entry of a list of names, with its place.</summary>
internal readonly record struct NamedEntry(string Name, TomlPosition Position, string Key);

/// <summary>
/// Reads one table by its schema. A value that is refused is reported and replaced by the fallback, so that everything else in the file
/// is still looked at.
/// </summary>
internal sealed class SectionReader(TomlTable table, string path, ProblemList problems)
{
    private const int LongestShown = 40;

    public ProblemList Problems => problems;

    public TomlTable Table => table;

    /// <summary>The dotted key of the table.</summary>
    public string Path => path;

    public TomlPosition Position => table.Position;

    /// <summary>Whether anything in this table was refused; conclusions from its values would mislead then.</summary>
    public bool IsBroken { get; private set; }

    public void MarkBroken() => IsBroken = true;

    public bool Has(ConfigKey key) => table.Find(key.Name) is not null;

    /// <summary>Where the key's value stands; the table itself where it is not written.</summary>
    public TomlPosition PositionOf(ConfigKey key) => table.Find(key.Name)?.Value.Position ?? Position;

    public string PathOf(ConfigKey key) => PathOf(key.Name);

    public string PathOf(string name) => path.Length == 0 ? TomlWriter.Key(name) : $"{path}.{TomlWriter.Key(name)}";

    public void Error(ConfigKey key, string message, string? hint = null) => ErrorAt(PositionOf(key), PathOf(key), message, hint);

    public void ErrorAt(TomlPosition position, string key, string message, string? hint = null)
    {
        IsBroken = true;
        problems.Error(position, key, message, hint);
    }

    public void Warn(ConfigKey key, string message, string? hint = null) => problems.Warn(PositionOf(key), PathOf(key), message, hint);

    /// <summary>Refuses every key the schema does not know.</summary>
    public void RefuseUnknownKeys(TableSchema schema)
    {
        foreach (var entry in table.Entries.Where(e => schema.Find(e.Key) is null))
        {
            ErrorAt(entry.KeyPosition, PathOf(entry.Key), $"is no key of {schema.Title}", UnknownKeyHint(entry.Key, schema));
        }
    }

    public T Read<T>(ConfigKey<T> key, T fallback) => TryReadOwn(key, out var result) ? result : fallback;

    public T Require<T>(ConfigKey<T> key, T fallback)
    {
        if (!Has(key))
        {
            ReportMissing(key);
        }

        return Read(key, fallback);
    }

    public T? Optional<T>(ConfigKey<T> key)
        where T : struct =>
        TryReadOwn(key, out var result) ? result : null;

    public string? OptionalText(ConfigKey<string> key) => TryReadOwn(key, out var text) ? text : null;

    public void ReportMissing(ConfigKey key) => ErrorAt(Position, PathOf(key), $"is required: {key.Expects}", key.Meaning);

    /// <summary>A sub-table; null when it is not written or is none.</summary>
    public SectionReader? Section(TableKey key)
    {
        if (!table.TryGet(key.Name, out var value))
        {
            return null;
        }

        if (value is not TomlTable child)
        {
            Refuse(key, value, PathOf(key));
            return null;
        }

        var section = new SectionReader(child, PathOf(key), problems);
        if (key.Schema is { } schema)
        {
            section.RefuseUnknownKeys(schema);
        }

        return section;
    }

    /// <summary>The sub-tables of a table of tables, in file order.</summary>
    public IEnumerable<(string Name, SectionReader Section)> Sections(TableKey key)
    {
        if (Section(key) is not { } parent)
        {
            yield break;
        }

        foreach (var entry in parent.Table.Entries)
        {
            if (entry.Value is TomlTable child)
            {
                yield return (entry.Key, new SectionReader(child, parent.PathOf(entry.Key), problems));
            }
            else
            {
                var entryPath = parent.PathOf(entry.Key);
                ErrorAt(entry.Value.Position, entryPath, $"must be a table; found {entry.Value.TypeName}", $"write [{entryPath}]");
            }
        }
    }

    /// <summary>The strings of a list, refused ones left out; null when the key is not written or holds no list.</summary>
    public List<NamedEntry>? TextList(ConfigKey key)
    {
        if (Items(key) is not { } items)
        {
            return null;
        }

        var texts = new List<NamedEntry>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var itemPath = ItemPath(key, i);
            if (items[i] is TomlString text)
            {
                texts.Add(new NamedEntry(text.Value, text.Position, itemPath));
            }
            else
            {
                ErrorAt(items[i].Position, itemPath, $"must be a string; found {items[i].TypeName}", key.Meaning);
            }
        }

        return texts;
    }

    /// <summary>The values of a list; null when the key is not written or holds no list.</summary>
    public IReadOnlyList<TomlValue>? Items(ConfigKey key)
    {
        if (!table.TryGet(key.Name, out var value))
        {
            return null;
        }

        if (value is TomlArray array)
        {
            return array.Items;
        }

        Refuse(key, value, PathOf(key));
        return null;
    }

    public string ItemPath(ConfigKey key, int index) => string.Create(CultureInfo.InvariantCulture, $"{PathOf(key)}[{index}]");

    /// <summary>Reads a value that stands somewhere else than under the key's own name, such as in a list.</summary>
    public bool TryRead<T>(ConfigKey<T> key, TomlValue value, string valuePath, out T result)
    {
        string? doubt = null;
        if (!key.TryRead(value, out result, ref doubt))
        {
            Refuse(key, value, valuePath, (key as ChoiceKey<T>)?.Words);
            return false;
        }

        if (doubt is not null)
        {
            problems.Warn(value.Position, valuePath, doubt);
        }

        return true;
    }

    private bool TryReadOwn<T>(ConfigKey<T> key, [MaybeNullWhen(false)] out T result)
    {
        result = default;
        return table.TryGet(key.Name, out var value) && TryRead(key, value, PathOf(key), out result);
    }

    private void Refuse(ConfigKey key, TomlValue value, string valuePath, IEnumerable<string>? words = null)
    {
        var hint = words is not null && value is TomlString s ? Suggestion.For(s.Value, words) : null;
        ErrorAt(value.Position, valuePath, $"must be {key.Expects}; found {Describe(value, key.IsSecret)}", hint ?? key.Meaning);
    }

    private static string Describe(TomlValue value, bool isSecret)
    {
        if (isSecret || value is TomlTable or TomlArray)
        {
            return value is TomlString { Value.Length: 0 } ? "an empty string" : value.TypeName;
        }

        var text = TomlWriter.Inline(value);
        return text.Length <= LongestShown ? text : $"{text[..LongestShown]}…";
    }

    private static string? UnknownKeyHint(string key, TableSchema schema)
    {
        if (Suggestion.For(key, schema.Keys.Select(k => k.Name)) is { } near)
        {
            return near;
        }

        var owners = ConfigSchema.All.Where(s => s.Find(key) is not null).Select(s => s.Title).ToList();
        return owners.Count > 0 ? $"it belongs to {string.Join(" or ", owners)}" : null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>An entry of a list of names, with its place.</summary>
internal readonly record struct NamedEntry(string Name, TomlPosition Position, string Key);

/// <summary>
/// Reads one table by its schema. A value that is refused is reported and replaced by the fallback, so that everything else in the file
/// is still looked at.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="path">Its dotted key.</param>
/// <param name="problems">Where problems go.</param>
/// <param name="document">Every table the file may have, for hints on keys in the wrong one.</param>
internal sealed class SectionReader(TomlTable table, string path, ProblemList problems, IReadOnlyList<TableSchema>? document = null)
{
    private const int LongestShown = 40;

    private SectionReader? _parent;
    private List<NamedEntry> _references = [];

    public ProblemList Problems => problems;

    public TomlTable Table => table;

    /// <summary>The dotted key of the table.</summary>
    public string Path => path;

    public TomlPosition Position => table.Position;

    /// <summary>Whether anything in this table or one inside it was refused; conclusions from its values would mislead then.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The upstreams named so far, in this table and those inside it, by keys that name upstreams.</summary>
    public IReadOnlyList<NamedEntry> References => _references;

    public bool Has(ConfigKey key) => table.Find(key.Name) is not null;

    /// <summary>Where the key's value stands; the table itself where it is not written.</summary>
    public TomlPosition PositionOf(ConfigKey key) => table.Find(key.Name)?.Value.Position ?? Position;

    /// <summary>Where a list names something first, and the key to call that place by.</summary>
    public (TomlPosition Position, string Key) PlaceOf(ConfigKey list, string name)
    {
        var items = (table.Find(list.Name)?.Value as TomlArray)?.Items ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is TomlString text && string.Equals(text.Value, name, StringComparison.Ordinal))
            {
                return (text.Position, ItemPath(list, i));
            }
        }

        return (PositionOf(list), PathOf(list));
    }

    public string PathOf(ConfigKey key) => PathOf(key.Name);

    public string PathOf(string name) => path.Length == 0 ? TomlWriter.Key(name) : $"{path}.{TomlWriter.Key(name)}";

    public void Error(ConfigKey key, string message, string? hint = null) => ErrorAt(PositionOf(key), PathOf(key), message, hint);

    public void ErrorAt(TomlPosition position, string key, string message, string? hint = null)
    {
        Break();
        problems.Error(position, key, message, hint);
    }

    /// <summary>An error beside which nothing else is said of the value.</summary>
    public void Mistaken(ConfigKey key, string message, string hint)
    {
        Break();
        problems.Mistaken(PositionOf(key), PathOf(key), message, hint);
    }

    /// <summary>A warning beside which nothing else is said of the value.</summary>
    public void Doubted(ConfigKey key, string message, string hint) => problems.Mistaken(PositionOf(key), PathOf(key), message, hint, ProblemSeverity.Warning);

    public void Warn(ConfigKey key, string message, string? hint = null) => problems.Warn(PositionOf(key), PathOf(key), message, hint);

    /// <summary>Refuses every key the schema does not know.</summary>
    public void RefuseUnknownKeys(TableSchema schema)
    {
        foreach (var entry in table.Entries.Where(e => schema.Find(e.Key) is null))
        {
            ErrorAt(entry.KeyPosition, PathOf(entry.Key), $"is no key of {schema.Title}", UnknownKeyHint(entry.Key, schema));
        }
    }

    /// <summary>A table inside this one, whose mistakes and references are this one's too; those at the top level stand for themselves.</summary>
    public SectionReader Inner(TomlTable child, string childPath) => path.Length == 0
        ? new(child, childPath, problems, document)
        : new(child, childPath, problems, document) { _parent = this, _references = _references };

    /// <summary>Another table in this one's place.</summary>
    public SectionReader Over(TomlTable other) => new(other, path, problems, document);

    /// <summary>A table inside this one that was read before.</summary>
    public SectionReader Inner(TableKey key) => Inner((TomlTable)table.Find(key.Name)!.Value, PathOf(key));

    /// <summary>Says that the value of a key is the name of an upstream.</summary>
    public void Refer(NamedEntry upstream) => _references.Add(upstream);

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

        var section = Inner(child, PathOf(key));
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
                yield return (entry.Key, new SectionReader(child, parent.PathOf(entry.Key), problems, document));
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
                var entry = new NamedEntry(text.Value, text.Position, itemPath);
                texts.Add(entry);
                if (key.NamesUpstream)
                {
                    Refer(entry);
                }
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

    /// <summary>Refuses lists that are too short, and entries that stand there twice.</summary>
    /// <param name="key">The list.</param>
    /// <param name="entries">Its names.</param>
    /// <param name="count">How many entries count.</param>
    /// <param name="atLeast">Fewest entries.</param>
    /// <param name="unique">Whether names may stand there once only.</param>
    /// <param name="hint">What to do about a second one.</param>
    public void CheckMembers(ConfigKey key, IReadOnlyList<NamedEntry> entries, int count, int atLeast, bool unique, string? hint = null)
    {
        if (count < atLeast)
        {
            Error(key, $"must name at least {(atLeast == 1 ? "one upstream" : $"{atLeast} upstreams")}; found {count}");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(e => unique && !seen.Add(e.Name)))
        {
            ErrorAt(entry.Position, entry.Key, $"'{entry.Name}' is a duplicate", hint);
        }
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
        else if (value is TomlBoolean flag && typeof(T) != typeof(bool))
        {
            problems.Warn(value.Position, valuePath, $"{(flag.Value ? "true" : "false")} is no number; it counts as {(flag.Value ? 1 : 0)}", $"write {key.Expects}");
        }

        return true;
    }

    public bool TryReadOwn<T>(ConfigKey<T> key, [MaybeNullWhen(false)] out T result)
    {
        result = default;
        if (!table.TryGet(key.Name, out var value) || !TryRead(key, value, PathOf(key), out result))
        {
            return false;
        }

        if (key.NamesUpstream && value is TomlString name)
        {
            Refer(new NamedEntry(name.Value, name.Position, PathOf(key)));
        }

        return true;
    }

    private void Break()
    {
        for (var broken = this; broken is not null; broken = broken._parent)
        {
            broken.IsBroken = true;
        }
    }

    private void Refuse(ConfigKey key, TomlValue value, string valuePath, IEnumerable<string>? words = null)
    {
        var hint = words is not null && value is TomlString s ? Suggestion.For(s.Value, words) : null;
        ErrorAt(value.Position, valuePath, $"must be {key.Expects}; found {Describe(value, key.IsSecret)}", hint ?? key.Meaning);
    }

    private string Describe(TomlValue value, bool isSecret)
    {
        if (isSecret || value is TomlTable or TomlArray)
        {
            return value is TomlString { Value.Length: 0 } ? "an empty string" : value.TypeName;
        }

        var written = problems.WrittenAt(value.Position);

        // Put at the wrong key it is a secret all the same.
        if (written is null && value is TomlString { Value: var given } && (SecretShapes.MayHoldSecret(given) || Mask.Url(given) != given))
        {
            return value.TypeName;
        }

        var text = TomlWriter.Inline(written is null ? value : new TomlString(written));
        return text.Length <= LongestShown ? text : $"{text[..LongestShown]}…";
    }

    private string? UnknownKeyHint(string key, TableSchema schema)
    {
        if (Suggestion.For(key, schema.Keys.Select(k => k.Name)) is { } near)
        {
            return near;
        }

        var owners = (document ?? []).Where(s => s.Find(key) is not null).Select(s => s.Title).ToList();
        return owners.Count > 0 ? $"it belongs to {string.Join(" or ", owners)}" : null;
    }
}

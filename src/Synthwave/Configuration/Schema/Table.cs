using System.Collections.Immutable;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// A table of the file and the record it becomes. Each key is declared once, with where its value goes and comes from; reading, writing
/// and the reference follow the order of the declarations. Filled while its declaring class is initialised, read-only afterwards.
/// </summary>
/// <param name="title">How messages name the table.</param>
/// <param name="blank">The record of a table in which nothing is written; what must be written is blank in it.</param>
internal sealed class Table<T>(string title, T blank) : TableSchema(title)
    where T : class
{
    private readonly List<Setting> _settings = [];

    /// <summary>How one key moves between the table and the record.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Read">The record with the key's value; the record as it is where the key is not written or refused.</param>
    /// <param name="Write">The key's value in the record; null = it is not written.</param>
    private sealed record Setting(ConfigKey Key, Func<SectionReader, T, T> Read, Func<T, TomlValue?> Write)
    {
        public bool IsRequired { get; init; } = Key.IsRequired;
    }

    public T Blank => blank;

    /// <summary>A key that always has a value.</summary>
    public ConfigKey<TValue> Add<TValue>(ConfigKey<TValue> key, Func<T, TValue> get, Func<T, TValue, T> set)
    {
        Add(new Setting(key, Reading(key, set), record => key.Write(get(record))));
        return key;
    }

    /// <summary>A key that may have none: null = it is not written.</summary>
    public ConfigKey<TValue> AddOptional<TValue>(ConfigKey<TValue> key, Func<T, TValue?> get, Func<T, TValue, T> set)
        where TValue : struct
    {
        Add(new Setting(key, Reading(key, set), record => get(record) is { } value ? key.Write(value) : null));
        return key;
    }

    /// <summary>A key that may have none: null = it is not written.</summary>
    public ConfigKey<TValue> AddOptional<TValue>(ConfigKey<TValue> key, Func<T, TValue?> get, Func<T, TValue, T> set)
        where TValue : class
    {
        Add(new Setting(key, Reading(key, set), record => get(record) is { } value ? key.Write(value) : null));
        return key;
    }

    public TextListKey Add(TextListKey key, Func<T, ImmutableArray<string>> get, Func<T, ImmutableArray<string>, T> set)
    {
        Add(new Setting(key, (section, record) => Texts(section, key) is { } texts ? set(record, texts) : record, record => TextListKey.Write(get(record))));
        return key;
    }

    /// <summary>A table inside this one: null = it is not written.</summary>
    public TableKey Add<TInner>(TableKey key, Table<TInner> inner, Func<T, TInner?> get, Func<T, TInner, T> set)
        where TInner : class
    {
        Add(new Setting(
            key,
            (section, record) => section.Section(key) is { } child ? set(record, inner.Read(child, inner.Blank)) : record,
            record => get(record) is { } value ? inner.Write(value) : null));
        return key;
    }

    /// <summary>A key with its own way to read and write.</summary>
    public TKey Add<TKey>(TKey key, Func<TKey, SectionReader, T, T> read, Func<T, TomlValue?> write)
        where TKey : ConfigKey
    {
        Add(new Setting(key, (section, record) => read(key, section, record), write));
        return key;
    }

    /// <summary>All keys of a table whose record this one's derives from.</summary>
    public void Include<TBase>(Table<TBase> common)
        where TBase : class
    {
        foreach (var setting in common._settings)
        {
            Add(new Setting(
                setting.Key,
                (section, record) => (T)(object)setting.Read(section, (TBase)(object)record),
                record => setting.Write((TBase)(object)record)));
        }
    }

    /// <summary>Some keys of the table of a part of the record. None of them is required here.</summary>
    /// <param name="part">Whose keys.</param>
    /// <param name="isTaken">Which of them.</param>
    /// <param name="get">The part.</param>
    /// <param name="set">The record with another part.</param>
    public void Lift<TPart>(Table<TPart> part, Func<ConfigKey, bool> isTaken, Func<T, TPart> get, Func<T, TPart, T> set)
        where TPart : class
    {
        foreach (var setting in part._settings.Where(s => isTaken(s.Key)))
        {
            Add(new Setting(setting.Key, (section, record) => set(record, setting.Read(section, get(record))), record => setting.Write(get(record))) { IsRequired = false });
        }
    }

    /// <summary>Reads a section over a record. Every key is looked at, whatever is refused; unknown keys are the caller's to refuse.</summary>
    public T Read(SectionReader section, T record)
    {
        foreach (var setting in _settings)
        {
            if (setting.IsRequired && !section.Has(setting.Key) && !(setting.Key.RequiredWithout is { } other && section.Table.Find(other) is not null))
            {
                section.ReportMissing(setting.Key);
            }

            record = setting.Read(section, record);
        }

        return record;
    }

    public TomlTable Write(T record, TomlTableOrigin origin = TomlTableOrigin.Header)
    {
        var table = new TomlTable(origin);
        foreach (var setting in _settings)
        {
            if (setting.Write(record) is { } value)
            {
                table.Add(setting.Key.Name, value);
            }
        }

        return table;
    }

    public override TomlValue? DefaultOf(ConfigKey key) => key.IsRequired ? null : _settings.Find(s => s.Key == key)?.Write(blank);

    private void Add(Setting setting)
    {
        AddKey(setting.Key);
        _settings.Add(setting);
    }

    private static ImmutableArray<string>? Texts(SectionReader section, TextListKey key)
    {
        if (section.TextList(key) is not { } entries)
        {
            return null;
        }

        section.CheckMembers(key, entries, entries.Count, key.AtLeast, key.IsUnique);
        return [.. entries.Select(e => e.Name)];
    }

    private static Func<SectionReader, T, T> Reading<TValue>(ConfigKey<TValue> key, Func<T, TValue, T> set) =>
        (section, record) => section.TryReadOwn(key, out var value) ? set(record, value) : record;
}

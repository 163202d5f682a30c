using System.Diagnostics.CodeAnalysis;

namespace Synthwave.Configuration.Toml;

/// <summary>How a table came to be, which decides what later lines may still add to it.</summary>
internal enum TomlTableOrigin
{
    /// <summary>Named on the way by a deeper header; a header of its own may still follow.</summary>
    Implicit,

    /// <summary>Has its own <c>[header]</c>, is the root, or is an element of an array of tables.</summary>
    Header,

    /// <summary>Made by a dotted key; headers may add sub-tables, nothing else.</summary>
    Dotted,

    /// <summary>Written in braces; complete once closed.</summary>
    Inline,
}

/// <summary>One <c>key = value</c> of a table and the place of the key.</summary>
internal sealed record TomlEntry(string Key, TomlPosition KeyPosition, TomlValue Value);

/// <summary>Keys and values in file order, looked up by exact name.</summary>
internal sealed class TomlTable(TomlTableOrigin origin = TomlTableOrigin.Header, TomlPosition position = default) : TomlValue(position)
{
    private readonly List<TomlEntry> _entries = [];
    private readonly Dictionary<string, TomlEntry> _byKey = new(StringComparer.Ordinal);

    public IReadOnlyList<TomlEntry> Entries => _entries;

    public TomlTableOrigin Origin { get; private set; } = origin;

    public override string TypeName => "a table";

    /// <summary>A table with these entries.</summary>
    public static TomlTable Of(IEnumerable<(string Key, TomlValue Value)> entries)
    {
        var table = new TomlTable();
        foreach (var (key, value) in entries)
        {
            table.Add(key, value);
        }

        return table;
    }

    public TomlEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    public bool TryGet(string key, [NotNullWhen(true)] out TomlValue? value)
    {
        value = Find(key)?.Value;
        return value is not null;
    }

    /// <summary>Adds a key that is not there yet; a second time is a bug of the caller.</summary>
    public void Add(string key, TomlValue value, TomlPosition keyPosition = default)
    {
        var entry = new TomlEntry(key, keyPosition, value);
        _byKey.Add(key, entry);
        _entries.Add(entry);
    }

    /// <summary>An implicit table gets its own header.</summary>
    public void Define(TomlPosition position)
    {
        Origin = TomlTableOrigin.Header;
        Position = position;
    }
}

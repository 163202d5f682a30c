using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>The keys one kind of table may have.</summary>
/// <param name="title">How messages name the table: <c>[server]</c>, <c>[upstreams.…]</c>.</param>
/// <param name="keys">Every known key, in the order they are written.</param>
internal class TableSchema(string title, params IEnumerable<ConfigKey> keys)
{
    private readonly List<ConfigKey> _keys = [.. keys];

    public string Title => title;

    public IReadOnlyList<ConfigKey> Keys => _keys;

    public ConfigKey? Find(string name) => _keys.Find(k => string.Equals(k.Name, name, StringComparison.Ordinal));

    /// <summary>What a key that is not written counts as; null = nothing that could be written for it.</summary>
    public virtual TomlValue? DefaultOf(ConfigKey key) => null;

    protected void AddKey(ConfigKey key) => _keys.Add(key);
}

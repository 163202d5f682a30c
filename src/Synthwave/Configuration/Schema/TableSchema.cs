namespace Synthwave.Configuration.Schema;

/// <summary>The keys one kind of table may have.</summary>
/// <param name="Title">How messages name the table: <c>[server]</c>, <c>[upstreams.…]</c>.</param>
/// <param name="Keys">Every known key, in the order they are written.</param>
internal sealed record TableSchema(string Title, params ConfigKey[] Keys)
{
    public ConfigKey? Find(string name) => Array.Find(Keys, k => string.Equals(k.Name, name, StringComparison.Ordinal));
}

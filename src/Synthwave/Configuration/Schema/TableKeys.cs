namespace Synthwave.Configuration.Schema;

/// <summary>A key holding a table: with keys of its own, or free in form when <paramref name="schema"/> is null.</summary>
internal sealed class TableKey(string name, string meaning, TableSchema? schema = null) : ConfigKey(name, meaning)
{
    public TableSchema? Schema => schema;

    public override string Expects => "a table";
}

/// <summary>A list whose entries are strings or tables.</summary>
internal sealed class MixedListKey(string name, string meaning, TableSchema schema) : ConfigKey(name, meaning)
{
    public TableSchema Schema => schema;

    public override string Expects => "a list of strings or tables";
}

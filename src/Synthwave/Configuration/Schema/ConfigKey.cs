using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// One key of the configuration file: its name, what it accepts and what it is for. Reading, unknown-key suggestions, the effective
/// configuration and the test of the example file all go by these.
/// </summary>
internal abstract class ConfigKey(string name, string meaning)
{
    public string Name => name;

    /// <summary>What the key is for, in a few words; shown as the hint when a value is refused.</summary>
    public string Meaning => meaning;

    /// <summary>Whether the value must never be shown, not even in the message that refuses it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Type and range in the words of a message: "an integer from 1 to 65535".</summary>
    public abstract string Expects { get; }
}

/// <summary>A key whose value is a <typeparamref name="T"/>.</summary>
internal abstract class ConfigKey<T>(string name, string meaning) : ConfigKey(name, meaning)
{
    /// <param name="value">What is written in the file.</param>
    /// <param name="result">The value when the result is true.</param>
    /// <param name="doubt">Set when the value is taken, but not quite as written.</param>
    public abstract bool TryRead(TomlValue value, out T result, ref string? doubt);

    /// <summary>The value as it would be written in the file.</summary>
    public abstract TomlValue Write(T value);
}

/// <summary>A key holding a table: with keys of its own, or free in form when <paramref name="schema"/> is null.</summary>
internal sealed class TableKey(string name, string meaning, TableSchema? schema = null) : ConfigKey(name, meaning)
{
    public TableSchema? Schema => schema;

    public override string Expects => "a table";
}

/// <summary>A key holding a list of strings.</summary>
internal sealed class TextListKey(string name, string meaning) : ConfigKey(name, meaning)
{
    public override string Expects => "a list of strings";

    public static TomlArray Write(IEnumerable<string> values)
    {
        var array = new TomlArray();
        foreach (var value in values)
        {
            array.Add(new TomlString(value));
        }

        return array;
    }
}

/// <summary>A list whose entries are strings or tables.</summary>
internal sealed class MixedListKey(string name, string meaning, TableSchema schema) : ConfigKey(name, meaning)
{
    public TableSchema Schema => schema;

    public override string Expects => "a list of strings or tables";
}

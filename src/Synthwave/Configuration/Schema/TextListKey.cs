using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>A key holding a list of strings.</summary>
internal sealed class TextListKey(string name, string meaning) : ConfigKey(name, meaning)
{
    /// <summary>Fewest entries; above 0 they are called upstreams.</summary>
    public int AtLeast { get; init; }

    /// <summary>Whether an entry may stand there once only.</summary>
    public bool IsUnique { get; init; }

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

using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// One key of the configuration file: its name, what it accepts and what it is for. Reading, unknown-key suggestions, the effective
/// configuration, the example file and the reference page all go by these.
/// </summary>
internal abstract class ConfigKey(string name, string meaning)
{
    public string Name => name;

    /// <summary>What the key is for, in a few words; shown as the hint when a value is refused.</summary>
    public string Meaning => meaning;

    /// <summary>Further sentences for those who read about the key, not for those who mistyped it.</summary>
    public string? Details { get; init; }

    /// <summary>Whether the table cannot do without the key.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The key beside which a required one can be left out, because something else tells its value; null = there is none.</summary>
    public string? RequiredWithout { get; init; }

    /// <summary>What goes without the key, where no value could be written for it; null = the default is a value, or nothing happens.</summary>
    public string? WhenAbsent { get; init; }

    /// <summary>A value to show, as it is written in the file; null = the default shows enough.</summary>
    public string? Example { get; init; }

    /// <summary>Whether the value must never be shown, not even in the message that refuses it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether the value is the name of an upstream, or a list of such names.</summary>
    public bool NamesUpstream { get; init; }

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

    /// <summary>The value as it would be written in the file; what is secret in it is hidden.</summary>
    public abstract TomlValue Write(T value);
}

namespace Synthwave.Configuration.Toml;

/// <summary>
/// A value of a TOML document with the place where it is written. The family is closed; equality is by reference.
/// Trees are built by one thread and are read-only afterwards.
/// </summary>
internal abstract class TomlValue
{
    private protected TomlValue(TomlPosition position) => Position = position;

    /// <summary>Where the value starts; for a table under a header, where the header names it.</summary>
    public TomlPosition Position { get; private protected set; }

    /// <summary>The type in the words of a message: "a string", "an array".</summary>
    public abstract string TypeName { get; }
}

internal sealed class TomlString(string value, TomlPosition position = default) : TomlValue(position)
{
    public string Value => value;

    public override string TypeName => "a string";
}

internal sealed class TomlInteger(long value, TomlPosition position = default) : TomlValue(position)
{
    public long Value => value;

    public override string TypeName => "an integer";
}

/// <summary>Infinities and NaN included.</summary>
internal sealed class TomlFloat(double value, TomlPosition position = default) : TomlValue(position)
{
    public double Value => value;

    public override string TypeName => "a float";
}

internal sealed class TomlBoolean(bool value, TomlPosition position = default) : TomlValue(position)
{
    public bool Value => value;

    public override string TypeName => "a boolean";
}

internal enum TomlTimeKind { OffsetDateTime, LocalDateTime, LocalDate, LocalTime }

/// <summary>A date, a time or both, as RFC 3339 text with an upper-case <c>T</c> and <c>Z</c>; the fraction is kept as written.</summary>
internal sealed class TomlTime(TomlTimeKind kind, string text, TomlPosition position = default) : TomlValue(position)
{
    public TomlTimeKind Kind => kind;

    public string Text => text;

    public override string TypeName => kind switch
    {
        TomlTimeKind.LocalDate => "a date",
        TomlTimeKind.LocalTime => "a time",
        _ => "a date and time",
    };
}

internal sealed class TomlArray(TomlPosition position = default) : TomlValue(position)
{
    private readonly List<TomlValue> _items = [];

    public IReadOnlyList<TomlValue> Items => _items;

    /// <summary>Whether the array was built by <c>[[headers]]</c>, which alone may extend it.</summary>
    public bool IsOfTables { get; init; }

    public override string TypeName => "an array";

    public void Add(TomlValue item) => _items.Add(item);
}

using System.Globalization;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>Text; numbers are not taken for text.</summary>
internal sealed class TextKey(string name, string meaning) : ConfigKey<string>(name, meaning)
{
    public bool NotEmpty { get; init; }

    public override string Expects => NotEmpty ? "a string that is not empty" : "a string";

    public override bool TryRead(TomlValue value, out string result, ref string? doubt)
    {
        result = (value as TomlString)?.Value ?? "";
        return value is TomlString && !(NotEmpty && result.Length == 0);
    }

    public override TomlValue Write(string value) => new TomlString(value);
}

/// <summary>Text that is kept secret: it is written as <c>***</c>.</summary>
internal sealed class SecretKey(string name, string meaning) : ConfigKey<Secret>(name, meaning)
{
    public const string Hidden = "***";

    public override string Expects => "a string";

    public override bool TryRead(TomlValue value, out Secret result, ref string? doubt)
    {
        result = new Secret((value as TomlString)?.Value ?? "");
        return value is TomlString;
    }

    public override TomlValue Write(Secret value) => new TomlString(Hidden);
}

/// <summary>The address of something; what is secret in it is hidden when it is written.</summary>
internal sealed class UrlKey(string name, string meaning) : ConfigKey<string>(name, meaning)
{
    public override string Expects => "a string that is not empty";

    public override bool TryRead(TomlValue value, out string result, ref string? doubt)
    {
        result = (value as TomlString)?.Value ?? "";
        return result.Length > 0;
    }

    public override TomlValue Write(string value) => new TomlString(Mask.Url(value));
}

internal sealed class FlagKey(string name, string meaning) : ConfigKey<bool>(name, meaning)
{
    public override string Expects => "true or false";

    public override bool TryRead(TomlValue value, out bool result, ref string? doubt) => Coercion.TryFlag(value, out result);

    public override TomlValue Write(bool value) => new TomlBoolean(value);
}

/// <summary>One of a few exact words.</summary>
internal sealed class ChoiceKey<T>(string name, string meaning, params (string Word, T Value)[] choices) : ConfigKey<T>(name, meaning)
{
    public IReadOnlyList<(string Word, T Value)> Choices => choices;

    public IEnumerable<string> Words => choices.Select(c => c.Word);

    public override string Expects => $"{(choices.Length == 1 ? "" : "one of ")}{string.Join(", ", Words.Select(w => $"\"{w}\""))}";

    public override bool TryRead(TomlValue value, out T result, ref string? doubt)
    {
        var index = value is TomlString s ? Array.FindIndex(choices, c => string.Equals(c.Word, s.Value, StringComparison.Ordinal)) : -1;
        result = choices[Math.Max(index, 0)].Value;
        return index >= 0;
    }

    public override TomlValue Write(T value) => new TomlString(Array.Find(choices, c => EqualityComparer<T>.Default.Equals(c.Value, value)).Word);
}

/// <summary>An integer within bounds, both inclusive.</summary>
internal sealed class IntegerKey(string name, string meaning, int min = int.MinValue, int max = int.MaxValue) : ConfigKey<int>(name, meaning)
{
    public override string Expects => (min, max) switch
    {
        (int.MinValue, int.MaxValue) => "an integer",
        (_, int.MaxValue) => $"an integer of at least {min}",
        _ => $"an integer from {min} to {max}",
    };

    public override bool TryRead(TomlValue value, out int result, ref string? doubt)
    {
        result = 0;
        if (!Coercion.TryInteger(value, out var wide) || (wide < min && min != int.MinValue) || (wide > max && max != int.MaxValue))
        {
            return false;
        }

        result = (int)Math.Clamp(wide, int.MinValue, int.MaxValue);
        if (result != wide)
        {
            doubt = string.Create(CultureInfo.InvariantCulture, $"is beyond what can be counted here and taken as {result}");
        }

        return true;
    }

    public override TomlValue Write(int value) => new TomlInteger(value);
}

/// <summary>A size in whole MiB, kept in bytes.</summary>
internal sealed class MebibytesKey(string name, string meaning, int min, int max) : ConfigKey<long>(name, meaning)
{
    private const long MiB = 1024 * 1024;

    private readonly IntegerKey _count = new(name, meaning, min, max);

    public override string Expects => _count.Expects;

    public override bool TryRead(TomlValue value, out long result, ref string? doubt)
    {
        var read = _count.TryRead(value, out var count, ref doubt);
        result = count * MiB;
        return read;
    }

    public override TomlValue Write(long value) => new TomlInteger(value / MiB);
}

/// <summary>A float within bounds; without bounds it may be infinite or no number at all.</summary>
internal sealed class NumberKey(string name, string meaning, NumberRange? range = null) : ConfigKey<double>(name, meaning)
{
    public override string Expects => range is null ? "a number" : $"a number {range}";

    public override bool TryRead(TomlValue value, out double result, ref string? doubt) =>
        Coercion.TryNumber(value, out result) && (range is null || range.Contains(result));

    public override TomlValue Write(double value) => new TomlFloat(value);
}

/// <summary>An amount of money in USD.</summary>
internal sealed class MoneyKey(string name, string meaning, bool zeroAllowed) : ConfigKey<decimal>(name, meaning)
{
    private readonly NumberRange _range = zeroAllowed ? new NumberRange(0, 1_000_000) : NumberRange.Above(0, 1_000_000);

    public override string Expects => $"an amount in USD {_range}";

    public override bool TryRead(TomlValue value, out decimal result, ref string? doubt)
    {
        var valid = Coercion.TryNumber(value, out var number) && _range.Contains(number);
        result = valid ? (decimal)number : 0;

        // An amount too small for a decimal would turn into "free" or into a cap of nothing.
        return valid && (result > 0 || number == 0);
    }

    public override TomlValue Write(decimal value) => new TomlFloat((double)value);
}

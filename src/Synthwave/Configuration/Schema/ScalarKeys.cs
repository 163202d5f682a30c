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

    public override string Expects => $"one of {string.Join(", ", Words.Select(w => $"\"{w}\""))}";

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

/// <summary>A duration written as a number of seconds.</summary>
internal sealed class SecondsKey(string name, string meaning, NumberRange range) : ConfigKey<TimeSpan>(name, meaning)
{
    /// <summary>Timers reach no further; nothing an operator means does either.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Whether fractions are refused.</summary>
    public bool Whole { get; init; }

    public override string Expects => $"{(Whole ? "a whole number" : "a number")} of seconds {range}";

    public override bool TryRead(TomlValue value, out TimeSpan result, ref string? doubt)
    {
        result = TimeSpan.Zero;
        double seconds;
        if (Whole)
        {
            if (!Coercion.TryInteger(value, out var whole))
            {
                return false;
            }

            seconds = whole;
        }
        else if (!Coercion.TryNumber(value, out seconds))
        {
            return false;
        }

        if (!range.Contains(seconds))
        {
            return false;
        }

        if (seconds > Longest.TotalSeconds)
        {
            doubt = string.Create(CultureInfo.InvariantCulture, $"is longer than 30 days and taken as {Longest.TotalSeconds} seconds");
        }

        result = FromSeconds(seconds);
        return true;
    }

    /// <summary>At most <see cref="Longest"/>, and never rounded to zero when above it.</summary>
    public static TimeSpan FromSeconds(double seconds) =>
        seconds >= Longest.TotalSeconds ? Longest
        : seconds > 0 ? TimeSpan.FromTicks(Math.Max(1, (long)Math.Round(seconds * TimeSpan.TicksPerSecond)))
        : TimeSpan.Zero;

    public override TomlValue Write(TimeSpan value) =>
        Whole ? new TomlInteger((long)value.TotalSeconds) : new TomlFloat(value.TotalSeconds);
}

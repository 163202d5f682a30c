using System.Globalization;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

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

/// <summary>A duration written as a whole number of milliseconds, at least one.</summary>
internal sealed class MillisecondsKey(string name, string meaning) : ConfigKey<TimeSpan>(name, meaning)
{
    private readonly IntegerKey _count = new(name, meaning, 1);

    public override string Expects => _count.Expects;

    public override bool TryRead(TomlValue value, out TimeSpan result, ref string? doubt)
    {
        var read = _count.TryRead(value, out var count, ref doubt);
        result = TimeSpan.FromMilliseconds(count);
        return read;
    }

    public override TomlValue Write(TimeSpan value) => new TomlInteger((int)value.TotalMilliseconds);
}

/// <summary><c>"p95"</c>, read as null, or a number of seconds.</summary>
internal sealed class HedgeDelayKey(string name, string meaning) : ConfigKey<TimeSpan?>(name, meaning)
{
    private const string Learned = "p95";

    private readonly SecondsKey _seconds = new(name, meaning, NumberRange.Above(0));

    public override string Expects => $"\"{Learned}\" or {_seconds.Expects}";

    public override bool TryRead(TomlValue value, out TimeSpan? result, ref string? doubt)
    {
        if (value is TomlString { Value: Learned })
        {
            result = null;
            return true;
        }

        var read = _seconds.TryRead(value, out var fixedDelay, ref doubt);
        result = fixedDelay;
        return read;
    }

    public override TomlValue Write(TimeSpan? value) => value is { } seconds ? _seconds.Write(seconds) : new TomlString(Learned);
}

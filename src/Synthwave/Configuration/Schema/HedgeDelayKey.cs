using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

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

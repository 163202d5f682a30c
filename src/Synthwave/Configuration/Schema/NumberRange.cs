using System.Globalization;

namespace Synthwave.Configuration.Schema;

/// <summary>Bounds of a float: the upper one inclusive, the lower one unless said otherwise. NaN and infinities are never inside.</summary>
internal sealed record NumberRange(double Min, double Max = double.MaxValue, bool MinExclusive = false)
{
    public static NumberRange Above(double min, double max = double.MaxValue) => new(min, max, MinExclusive: true);

    public bool Contains(double value) =>
        double.IsFinite(value) && (MinExclusive ? value > Min : value >= Min) && value <= Max;

    public override string ToString() => (MinExclusive, Max) switch
    {
        (true, double.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"above {Min}"),
        (true, _) => string.Create(CultureInfo.InvariantCulture, $"above {Min}, at most {Max}"),
        (false, double.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"of at least {Min}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"from {Min} to {Max}"),
    };
}

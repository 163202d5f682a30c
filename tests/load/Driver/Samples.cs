namespace Synthwave.Load.Driver;

/// <summary>Numbers of one kind, and their order statistics.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => Quantile(0.5);

    public static double MedianOf(IEnumerable<double> values)
    {
        var samples = new Samples();
        samples.AddRange(values);
        return samples.Median;
    }

    public void Add(double value) => _values.Add(value);

    public void AddRange(IEnumerable<double> values) => _values.AddRange(values);

    /// <summary>
    /// Two of the values between which the median of what they were drawn from lies with at least this confidence, whatever its distribution:
    /// the sign test's. Null when there are too few for it.
    /// </summary>
    public (double Low, double High)? MedianInterval(double confidence)
    {
        // The chance that at most k of n values lie below the median, for k = 0, 1, ...
        var (n, tail) = (_values.Count, (1 - confidence) / 2);
        var (rank, chance) = (0, Math.Pow(2, -n));
        for (var sum = chance; sum <= tail; sum += chance)
        {
            rank++;
            chance *= (n - rank + 1) / (double)rank;
        }

        _values.Sort();
        return rank == 0 ? null : (_values[rank - 1], _values[n - rank]);
    }

    /// <summary>Linear interpolation between the two nearest ranks; not a number when there are no values.</summary>
    public double Quantile(double q)
    {
        if (_values.Count == 0)
        {
            return double.NaN;
        }

        _values.Sort();
        var rank = q * (_values.Count - 1);
        var below = (int)rank;
        var above = Math.Min(below + 1, _values.Count - 1);
        return _values[below] + ((rank - below) * (_values[above] - _values[below]));
    }
}

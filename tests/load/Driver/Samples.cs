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

namespace Synthwave.Simulation.Items;

/// <summary>The standard normal distribution, backwards.</summary>
internal static class NormalQuantile
{
    private const int Halvings = 80;

    private const double Farthest = 9;

    /// <summary>The value that a standard normal variable stays below with chance <paramref name="share"/> (above 0, below 1).</summary>
    public static double Of(double share)
    {
        var (low, high) = (-Farthest, Farthest);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Below(middle) < share ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    // Zelen and Severo's polynomial: wrong by less than 7.5e-8.
    private static double Below(double x)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
        var tail = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return x >= 0 ? 1 - tail : tail;
    }
}

namespace Synthwave.Simulation.Items;

/// <summary>
/// Random numbers that belong to a place, not to a moment: the same seed, question and stream give the same numbers whatever was drawn before, so that
/// neither order nor concurrency nor a cancelled call changes anybody's answer.
/// </summary>
internal static class ItemDraw
{
    /// <summary>Uniform, above 0 and below 1.</summary>
    public static double Uniform(ulong seed, long question, int stream)
    {
        var mixed = Mix(Mix(Mix(seed) ^ (ulong)question) ^ (uint)stream);
        return ((mixed >> 11) + 0.5) / (1UL << 53);
    }

    /// <summary>Standard normal (Box–Muller), from streams <paramref name="stream"/> and the one after it.</summary>
    public static double Normal(ulong seed, long question, int stream) =>
        Math.Sqrt(-2 * Math.Log(Uniform(seed, question, stream))) * Math.Cos(2 * Math.PI * Uniform(seed, question, stream + 1));

    /// <summary>A whole number from 0 to below <paramref name="count"/>.</summary>
    public static int Index(ulong seed, long question, int stream, int count) => Math.Min(count - 1, (int)(Uniform(seed, question, stream) * count));

    /// <summary>Beta with both parameters above 0: the share of one gamma variable in the sum of two. Takes at most <see cref="BetaStreams"/> streams.</summary>
    public static double Beta(ulong seed, long question, int stream, double a, double b)
    {
        var (x, y) = (Gamma(seed, question, stream, a), Gamma(seed, question, stream + (BetaStreams / 2), b));
        return x + y > 0 ? x / (x + y) : Uniform(seed, question, stream + BetaStreams - 1) * (a + b) < a ? 1 : 0;
    }

    /// <summary>Streams one beta variable may take.</summary>
    public const int BetaStreams = 512;

    /// <summary>A seed of its own for <paramref name="name"/>, the same in every process.</summary>
    public static ulong Named(ulong seed, string name)
    {
        var hash = Mix(seed);
        foreach (var c in name)
        {
            hash = Mix(hash ^ c);
        }

        return hash;
    }

    // Marsaglia and Tsang: rejection that nearly always accepts at once; below 1 boosted by a power of a uniform.
    private static double Gamma(ulong seed, long question, int stream, double shape)
    {
        var boost = shape < 1 ? Math.Pow(Uniform(seed, question, stream), 1 / shape) : 1;
        var d = (shape < 1 ? shape + 1 : shape) - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        for (var at = stream + 1; at < stream + (BetaStreams / 2) - 3; at += 3)
        {
            var x = Normal(seed, question, at);
            var v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(Uniform(seed, question, at + 2)) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return boost * d * v;
            }
        }

        // Some eighty refusals in a row do not happen.
        return boost * d;
    }

    // SplitMix64's finaliser.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

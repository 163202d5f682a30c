namespace Synthwave.Proof.Stragglers;

/// <summary>Random numbers that belong to a place, not to a moment: the same seed, call and stream give the same numbers whatever was drawn before. Policies are thus compared on the very same calls.</summary>
internal static class Draws
{
    /// <summary>Uniform, above 0 and below 1.</summary>
    public static double Uniform(ulong seed, long call, int stream)
    {
        var mixed = Mix(Mix(Mix(seed) ^ (ulong)call) ^ (uint)stream);
        return ((mixed >> 11) + 0.5) / (1UL << 53);
    }

    /// <summary>Standard normal (Box–Muller), from streams <paramref name="stream"/> and the one after it.</summary>
    public static double Normal(ulong seed, long call, int stream) =>
        Math.Sqrt(-2 * Math.Log(Uniform(seed, call, stream))) * Math.Cos(2 * Math.PI * Uniform(seed, call, stream + 1));

    // SplitMix64's finaliser.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

using System.Globalization;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Hostile;

/// <summary>Randomness that belongs to an input and not to a moment: any input of a run can be made again alone.</summary>
internal static class Draws
{
    public static Random Of(ulong seed, string what, long number) =>
        new(unchecked((int)ItemDraw.Named(seed, string.Create(CultureInfo.InvariantCulture, $"{what} {number}"))));

    /// <summary>One of them.</summary>
    public static T Pick<T>(this Random random, IReadOnlyList<T> among) => among[random.Next(among.Count)];

    /// <summary>True once in <paramref name="times"/>.</summary>
    public static bool Once(this Random random, int times) => random.Next(times) == 0;
}

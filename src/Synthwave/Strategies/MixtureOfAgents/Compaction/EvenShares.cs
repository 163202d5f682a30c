namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Divides room among things of different size: the small ones stay whole, what they leave is shared by the large ones.</summary>
internal static class EvenShares
{
    /// <summary>The greatest size, so that all <paramref name="sizes"/> cut down to it fit into <paramref name="room"/>; <see cref="int.MaxValue"/> when they fit whole.</summary>
    public static int Level(ReadOnlySpan<int> sizes, long room)
    {
        var ascending = sizes.ToArray();
        ascending.AsSpan().Sort();
        for (var i = 0; i < ascending.Length; i++)
        {
            var share = room / (ascending.Length - i);
            if (ascending[i] > share)
            {
                return (int)Math.Max(0, share);
            }

            room -= ascending[i];
        }

        return int.MaxValue;
    }
}

using System.Buffers;

namespace Synthwave.Upstreams.Calls;

/// <summary>Reads the beginning of a body, as much of it as is looked at.</summary>
internal static class BodyHead
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>The body up to <paramref name="limit"/> bytes.</summary>
    public static async ValueTask<byte[]> ReadUpToAsync(Stream stream, long limit, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var count = 0;
        try
        {
            while (true)
            {
                if (count == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, Math.Max(limit, buffer.Length) + 1));
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return buffer.AsSpan(0, count).ToArray();
                }

                count += read;
                if (count > limit)
                {
                    return buffer.AsSpan(0, (int)limit).ToArray();
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

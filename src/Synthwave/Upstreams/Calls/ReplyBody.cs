using System.Buffers;
using System.Runtime.CompilerServices;

namespace Synthwave.Upstreams.Calls;

/// <summary>Reads a reply's body into one array of its exact size, never more than a limit.</summary>
internal static class ReplyBody
{
    // A stated length is trusted for the allocation up to here; beyond it memory follows what really arrives.
    private const int TrustedLength = 1024 * 1024;
    private const int FirstBuffer = 16 * 1024;

    /// <summary>The whole body; null = it is longer than <paramref name="limit"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<byte[]?> ReadAsync(Stream stream, long? length, long limit, CancellationToken cancellationToken)
    {
        if (length > limit)
        {
            return null;
        }

        if (length is <= TrustedLength and > 0)
        {
            var exact = GC.AllocateUninitializedArray<byte>((int)length.Value);
            await stream.ReadExactlyAsync(exact, cancellationToken).ConfigureAwait(false);
            return exact;
        }

        var (bytes, isWhole) = await ReadUpToAsync(stream, limit, cancellationToken).ConfigureAwait(false);
        return isWhole ? bytes : null;
    }

    /// <summary>The body up to <paramref name="limit"/> bytes, and whether that is all of it.</summary>
    public static async ValueTask<(byte[] Bytes, bool IsWhole)> ReadUpToAsync(Stream stream, long limit, CancellationToken cancellationToken)
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
                    return (buffer.AsSpan(0, count).ToArray(), true);
                }

                count += read;
                if (count > limit)
                {
                    return (buffer.AsSpan(0, (int)limit).ToArray(), false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

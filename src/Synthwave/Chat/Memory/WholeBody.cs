namespace Synthwave.Chat.Memory;

/// <summary>What came of reading a body.</summary>
internal enum BodyOutcome
{
    /// <summary>It is there.</summary>
    Whole,

    /// <summary>It is longer than allowed.</summary>
    TooLarge,

    /// <summary>The server has no memory left for it.</summary>
    NoMemory,
}

/// <summary>A body, or why there is none.</summary>
/// <param name="Outcome">Which of the two.</param>
/// <param name="Bytes">An array of its own, taken from the memory of the request until that is over; empty unless the body is whole.</param>
internal readonly record struct BodyReading(BodyOutcome Outcome, byte[] Bytes)
{
    public static implicit operator BodyReading(BodyOutcome outcome) => new(outcome, []);
}

/// <summary>
/// Reads bodies whole into arrays of their exact size that are never pooled. A stated length is believed up to a mebibyte; beyond it an eighth of the body must have
/// arrived before the rest is allocated, so that nobody holds memory by announcing what never comes.
/// </summary>
internal static class WholeBody
{
    private const int Trusted = 1024 * 1024;

    private const int EarlyPart = 8;

    /// <summary>The body. Throws what the stream throws, <see cref="EndOfStreamException"/> where it ends before its length, and on cancellation.</summary>
    /// <param name="stream">At the body's start.</param>
    /// <param name="length">As stated; null = unknown.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="memory">The request's.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ValueTask<BodyReading> ReadAsync(Stream stream, long? length, long limit, MemoryShare memory, CancellationToken cancellationToken) => length switch
    {
        null => ReadUnknownAsync(stream, limit, memory, cancellationToken),
        { } stated when stated > limit => new(BodyOutcome.TooLarge),
        <= Trusted => ReadKnownAsync(stream, (int)length, memory, cancellationToken),
        _ => ReadLargeAsync(stream, (int)length, memory, cancellationToken),
    };

    private static async ValueTask<BodyReading> ReadKnownAsync(Stream stream, int length, MemoryShare memory, CancellationToken cancellationToken)
    {
        if (!await memory.TakeAsync(length, cancellationToken).ConfigureAwait(false))
        {
            return BodyOutcome.NoMemory;
        }

        var body = GC.AllocateUninitializedArray<byte>(length);
        await FillAsync(stream, body, cancellationToken).ConfigureAwait(false);
        return new(BodyOutcome.Whole, body);
    }

    private static async ValueTask<BodyReading> ReadLargeAsync(Stream stream, int length, MemoryShare memory, CancellationToken cancellationToken)
    {
        var early = await ReadKnownAsync(stream, length / EarlyPart, memory, cancellationToken).ConfigureAwait(false);
        if (early.Outcome is not BodyOutcome.Whole || !await memory.TakeAsync(length, cancellationToken).ConfigureAwait(false))
        {
            return BodyOutcome.NoMemory;
        }

        var body = GC.AllocateUninitializedArray<byte>(length);
        early.Bytes.CopyTo(body, 0);
        memory.Give(early.Bytes.Length);
        await FillAsync(stream, body.AsMemory(early.Bytes.Length), cancellationToken).ConfigureAwait(false);
        return new(BodyOutcome.Whole, body);
    }

    private static async ValueTask<BodyReading> ReadUnknownAsync(Stream stream, long limit, MemoryShare memory, CancellationToken cancellationToken)
    {
        using var pieces = new BodyPieces(memory);
        while (true)
        {
            if (!await pieces.MakeRoomAsync(cancellationToken).ConfigureAwait(false))
            {
                return BodyOutcome.NoMemory;
            }

            var read = await stream.ReadAsync(pieces.Room, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return await pieces.JoinAsync(cancellationToken).ConfigureAwait(false) is { } whole ? new BodyReading(BodyOutcome.Whole, whole) : BodyOutcome.NoMemory;
            }

            pieces.Advance(read);
            if (pieces.Length > limit)
            {
                return BodyOutcome.TooLarge;
            }
        }
    }

    private static async ValueTask FillAsync(Stream stream, Memory<byte> room, CancellationToken cancellationToken)
    {
        var first = room.Length - LastPiece.Of(room.Length);
        await stream.ReadExactlyAsync(room[..first], cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(room[first..], cancellationToken).ConfigureAwait(false);
    }
}

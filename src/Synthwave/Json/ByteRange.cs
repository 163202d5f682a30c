namespace Synthwave.Json;

/// <summary>A stretch of some byte buffer; <c>default</c> = absent.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    public bool IsAbsent => Length == 0;

    public bool IsPresent => Length != 0;

    public int End => Start + Length;

    /// <summary>The bytes; none where the range is absent, wherever it starts.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> buffer) => IsAbsent ? default : buffer.Slice(Start, Length);

    /// <inheritdoc cref="In(ReadOnlySpan{byte})"/>
    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> buffer) => IsAbsent ? default : buffer.Slice(Start, Length);
}

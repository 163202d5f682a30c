namespace Synthwave.Json;

/// <summary>A stretch of some byte buffer; <c>default</c> = absent.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    public bool IsAbsent => Length == 0;

    public bool IsPresent => Length != 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> buffer) => buffer.Slice(Start, Length);

    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> buffer) => buffer.Slice(Start, Length);
}

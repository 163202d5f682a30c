using System.Buffers;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// A text that grows, as it stands between the quotes of a JSON string. A short one is one array; a long one is kept in pieces, which are never copied while it
/// grows. Used by one flow.
/// </summary>
internal sealed class ItemText
{
    private const int Smallest = 256;

    // Up to here one array is made anew with twice the size.
    private const int Piece = 64 * 1024;

    private List<byte[]>? _full;
    private byte[] _last = [];
    private int _count;

    /// <summary>Bytes.</summary>
    public long Length => ((long)(_full?.Count ?? 0) * Piece) + _count;

    public bool IsEmpty => _count == 0 && _full is null;

    public void Append(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_count == _last.Length)
            {
                Grow(text.Length);
            }

            var fits = Math.Min(text.Length, _last.Length - _count);
            text[..fits].CopyTo(_last.AsSpan(_count));
            _count += fits;
            text = text[fits..];
        }
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        foreach (var piece in _full ?? [])
        {
            output.Write(piece);
        }

        output.Write(_last.AsSpan(0, _count));
    }

    /// <summary>The text in one piece; a copy of a long one.</summary>
    public ReadOnlySpan<byte> Joined()
    {
        if (_full is null)
        {
            return _last.AsSpan(0, _count);
        }

        var whole = new ArrayBufferWriter<byte>((int)Length);
        WriteTo(whole);
        return whole.WrittenSpan;
    }

    private void Grow(int wanted)
    {
        if (_last.Length == Piece)
        {
            (_full ??= []).Add(_last);
            _last = GC.AllocateUninitializedArray<byte>(Piece);
            _count = 0;
            return;
        }

        var size = Math.Min(Piece, Math.Max(Smallest, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Piece, _count + wanted))));
        var larger = GC.AllocateUninitializedArray<byte>(Math.Max(size, _last.Length * 2));
        _last.AsSpan(0, _count).CopyTo(larger);
        _last = larger;
    }
}

using System.Buffers;

namespace Synthwave.Chat.Memory;

/// <summary>
/// A body of unknown length as it arrives, in pieces that are never copied while it grows; each is taken from the request's memory before it is allocated. Used by
/// one flow; dispose it.
/// </summary>
internal sealed class BodyPieces(MemoryShare memory) : IDisposable
{
    private const int Smallest = 16 * 1024;

    private const int Largest = 1024 * 1024;

    private readonly List<byte[]> _full = [];
    private byte[] _piece = [];
    private int _filled;
    private long _taken;

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next bytes go; not empty after <see cref="MakeRoomAsync"/>.</summary>
    public Memory<byte> Room => _piece.AsMemory(_filled);

    public void Advance(int count)
    {
        _filled += count;
        Length += count;
    }

    /// <summary>Sees to it that there is room; false = there is no memory for it. Throws on cancellation.</summary>
    public ValueTask<bool> MakeRoomAsync(CancellationToken cancellationToken) => _filled < _piece.Length ? new(true) : AddAsync(cancellationToken);

    /// <summary>The whole body as an array of its own; null = there is no memory for it.</summary>
    public async ValueTask<byte[]?> JoinAsync(CancellationToken cancellationToken)
    {
        if (!await memory.TakeAsync(Length, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var whole = GC.AllocateUninitializedArray<byte>((int)Length);
        var at = 0;
        foreach (var piece in _full)
        {
            piece.CopyTo(whole.AsSpan(at));
            at += piece.Length;
        }

        _piece.AsSpan(0, _filled).CopyTo(whole.AsSpan(at));
        return whole;
    }

    /// <summary>Lets the pieces go and gives their memory back.</summary>
    public void Dispose()
    {
        if (_full.Count == 0 && _piece.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_piece);
        }
        else if (_full.Count > 0)
        {
            ArrayPool<byte>.Shared.Return(_full[0]);
        }

        _full.Clear();
        _piece = [];
        memory.Give(_taken);
        _taken = 0;
    }

    // The first piece, which is all that most bodies need, comes out of the pool; large ones never do, for it would keep them.
    private async ValueTask<bool> AddAsync(CancellationToken cancellationToken)
    {
        var size = _piece.Length == 0 ? Smallest : Math.Min(Largest, _piece.Length * 4);
        if (!await memory.TakeAsync(size, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        _taken += size;
        if (_piece.Length == 0)
        {
            _piece = ArrayPool<byte>.Shared.Rent(size);
        }
        else
        {
            _full.Add(_piece);
            _piece = GC.AllocateUninitializedArray<byte>(size);
        }

        _filled = 0;
        return true;
    }
}

using System.Buffers;

namespace Synthwave.Api.Answers;

/// <summary>
/// The data of one event on its way to where it goes, a small buffer at a time. Line breaks are left out: what is repeated of others may have some between its
/// tokens, which would end the event. Used by one flow.
/// </summary>
internal sealed class EventLine : IBufferWriter<byte>
{
    private const int Usual = 512;

    // What a longer event is passed on in.
    private const int Most = 4096;

    private byte[] _buffer = new byte[Usual];
    private int _count;
    private IBufferWriter<byte>? _output;

    /// <summary>Begins an event; null = it is only counted, and goes nowhere.</summary>
    public void Begin(IBufferWriter<byte>? output)
    {
        _output = output;
        _count = 0;
    }

    /// <summary>Passes on what is in the buffer.</summary>
    public void Flush()
    {
        var rest = _buffer.AsSpan(0, _count);
        _count = 0;
        if (_output is null)
        {
            return;
        }

        while (rest.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var at)
        {
            _output.Write(rest[..at]);
            rest = rest[(at + 1)..];
        }

        _output.Write(rest);
    }

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_count);
    }

    private void MakeRoom(int size)
    {
        if (_buffer.Length - _count >= size)
        {
            return;
        }

        if (_count + size > Most)
        {
            Flush();
        }

        if (_buffer.Length - _count < size)
        {
            Array.Resize(ref _buffer, Math.Max(_count + size, Math.Min(Most, 2 * _buffer.Length)));
        }
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace Synthwave.Sse;

/// <summary>What an event of an event stream carries.</summary>
internal enum SseEventKind
{
    /// <summary>At least one byte of data.</summary>
    Data,

    /// <summary>Comments or fields without data: progress, no content.</summary>
    Comment,

    /// <summary>A stray blank line.</summary>
    Empty,
}

/// <summary>How an event stream ended.</summary>
internal enum SseEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>After a whole event.</summary>
    Complete,

    /// <summary>In the middle of an event.</summary>
    Truncated,

    /// <summary>One event exceeds the limit.</summary>
    TooLarge,
}

/// <summary>
/// Cuts a byte stream into server-sent events without copying them. Lines may end in LF, CRLF or CR; a byte order mark is skipped. Everything
/// about the current event is valid until the next <see cref="TryRead"/> that finds one, or <see cref="FillAsync"/>. Between events no buffer is held
/// while waiting. Owns neither the stream nor its lifetime. Not thread-safe.
/// </summary>
/// <param name="stream">The body of a reply, read from its start.</param>
/// <param name="maxEventBytes">Largest event, bytes; a larger one ends the reading as <see cref="SseEnd.TooLarge"/>.</param>
internal sealed class SseEventReader(Stream stream, int maxEventBytes = SseEventReader.DefaultMaxEventBytes) : IDisposable
{
    public const int DefaultMaxEventBytes = 16 * 1024 * 1024;

    // Held only while something is there: what came in one piece is read in few.
    private const int InitialBufferBytes = 32 * 1024;

    private byte[] _buffer = [];
    private byte[] _joined = [];
    private int _filled;
    private bool _started;
    private bool _isAnnounced;
    private bool _isAtEnd;

    // The event being looked for: positions in _buffer.
    private int _eventStart;
    private int _lineStart;
    private int _scanned;
    private int _dataLines;
    private int _dataStart;
    private int _dataLength;
    private bool _hasLines;
    private bool _lastLineEndedCrLf;
    private bool _swallowLineFeed;

    // Its end, once found.
    private int _foundEnd;

    /// <summary>The whole event as it came, including the blank line that ends it.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    /// <summary>The data: a slice of <see cref="Raw"/>, or a joined copy when it came on several lines. Empty unless the kind is data.</summary>
    public ReadOnlyMemory<byte> Data { get; private set; }

    public SseEventKind Kind { get; private set; }

    /// <summary>After <see cref="TryRead"/> said false: how the stream ended, if it did.</summary>
    public SseEnd End { get; private set; }

    /// <summary>The current event is the stream's last, and the blank line that ends it did not come: it may be cut.</summary>
    public bool IsUnended { get; private set; }

    /// <summary>What has come of the next event, or of several; valid until the next call.</summary>
    public ReadOnlySpan<byte> Ahead => _buffer.AsSpan(_eventStart, _filled - _eventStart);

    /// <summary>Bytes of memory held for what has come, read or not.</summary>
    public int Held => _buffer.Length + _joined.Length;

    /// <summary>Bytes that are overwritten with asterisks wherever they come within one event, before anybody sees them; empty = nothing.</summary>
    public ReadOnlyMemory<byte> Hidden { get; set; }

    /// <summary>Nothing more will come.</summary>
    public bool IsAtEnd => _isAtEnd;

    /// <summary>Advances to the next event if it is here. False = it takes a <see cref="FillAsync"/>, or there is none: see <see cref="End"/>.</summary>
    public bool TryRead()
    {
        if (End is not SseEnd.None)
        {
            return false;
        }

        if (TryFind())
        {
            return Take();
        }

        if (_isAtEnd)
        {
            return FinishAtEnd();
        }

        return _filled - _eventStart > maxEventBytes && Finish(SseEnd.TooLarge);
    }

    /// <summary>
    /// Reads once from the stream: while nothing is held without a buffer, so that an idle stream costs no memory, and then what has come. Whether that
    /// makes an event, <see cref="TryRead"/> says. Throws what the stream throws, and on cancellation.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_eventStart == _filled && !_isAnnounced)
        {
            ReturnBuffer();
            _ = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
            _isAnnounced = true;
            return;
        }

        _isAnnounced = false;
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
        _isAtEnd = read == 0;
        _filled += read;
        if (!Hidden.IsEmpty)
        {
            Overwriting.Apply(_buffer.AsSpan(Math.Max(_eventStart, _filled - read - Hidden.Length + 1).._filled), Hidden.Span);
        }

        SkipLeftOvers();
    }

    public void Dispose()
    {
        Raw = Data = default;
        End = SseEnd.Complete;
        ReturnBuffer();
        if (_joined.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_joined);
            _joined = [];
        }
    }

    /// <summary>Finds the blank line that ends the next event, going on where the last search stopped.</summary>
    private bool TryFind()
    {
        while (true)
        {
            var offset = _buffer.AsSpan(_scanned, _filled - _scanned).IndexOfAny((byte)'\n', (byte)'\r');
            if (offset < 0)
            {
                _scanned = _filled;
                return false;
            }

            var lineEnd = _scanned + offset;
            var isBlank = lineEnd == _lineStart;
            var next = lineEnd + 1;
            if (_buffer[lineEnd] == '\r')
            {
                if (next == _filled)
                {
                    // Whether a line feed follows is not known yet. It matters only at the end of an event, and there only if the stream is one
                    // that ends its lines in CR: a CRLF stream is about to send it.
                    if (!isBlank || _lastLineEndedCrLf)
                    {
                        _scanned = lineEnd;
                        return false;
                    }

                    _swallowLineFeed = true;
                }
                else if (_buffer[next] == '\n')
                {
                    next++;
                }
            }

            _scanned = next;
            if (isBlank)
            {
                _foundEnd = next;
                return true;
            }

            _lastLineEndedCrLf = next - lineEnd == 2;
            NoteLine(_lineStart, lineEnd);
            _lineStart = next;
        }
    }

    private void NoteLine(int start, int end)
    {
        _hasLines = true;
        if (TryGetData(_buffer, start, end, out var dataStart))
        {
            if (_dataLines++ == 0)
            {
                (_dataStart, _dataLength) = (dataStart, end - dataStart);
            }
        }
    }

    private static bool TryGetData(byte[] buffer, int start, int end, out int dataStart)
    {
        var line = buffer.AsSpan(start, end - start);
        dataStart = end;
        if (!line.StartsWith("data"u8))
        {
            return false;
        }

        if (line.Length == 4)
        {
            return true;
        }

        if (line[4] != ':')
        {
            return false;
        }

        dataStart = start + (line.Length > 5 && line[5] == ' ' ? 6 : 5);
        return true;
    }

    /// <summary>Makes the event that was found the current one and starts looking after it.</summary>
    private bool Take()
    {
        if (_foundEnd - _eventStart > maxEventBytes)
        {
            return Finish(SseEnd.TooLarge);
        }

        Raw = _buffer.AsMemory(_eventStart, _foundEnd - _eventStart);
        Data = _dataLines switch
        {
            0 => default,
            1 => _buffer.AsMemory(_dataStart, _dataLength),
            _ => JoinData(),
        };
        Kind = !Data.IsEmpty ? SseEventKind.Data : _hasLines ? SseEventKind.Comment : SseEventKind.Empty;
        StartEventAt(_foundEnd);
        return true;
    }

    private ReadOnlyMemory<byte> JoinData()
    {
        if (_joined.Length < _foundEnd - _eventStart)
        {
            if (_joined.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_joined);
            }

            _joined = ArrayPool<byte>.Shared.Rent(_foundEnd - _eventStart);
        }

        var length = 0;
        var first = true;
        for (var start = _eventStart; start < _foundEnd;)
        {
            var offset = _buffer.AsSpan(start, _foundEnd - start).IndexOfAny((byte)'\n', (byte)'\r');
            var end = start + offset;
            if (TryGetData(_buffer, start, end, out var dataStart))
            {
                if (!first)
                {
                    _joined[length++] = (byte)'\n';
                }

                first = false;
                _buffer.AsSpan(dataStart, end - dataStart).CopyTo(_joined.AsSpan(length));
                length += end - dataStart;
            }

            start = end + (_buffer[end] == '\r' && end + 1 < _foundEnd && _buffer[end + 1] == '\n' ? 2 : 1);
        }

        return _joined.AsMemory(0, length);
    }

    private void StartEventAt(int position)
    {
        _eventStart = _lineStart = _scanned = position;
        _dataLines = 0;
        _hasLines = _lastLineEndedCrLf = false;
    }

    private void MakeRoom()
    {
        if (_filled < _buffer.Length)
        {
            return;
        }

        var pending = _filled - _eventStart;
        if (pending <= _buffer.Length / 2 && _buffer.Length > 0)
        {
            _buffer.AsSpan(_eventStart, pending).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialBufferBytes, _buffer.Length * 2));
            _buffer.AsSpan(_eventStart, pending).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        _lineStart -= _eventStart;
        _scanned -= _eventStart;
        _dataStart -= _eventStart;
        _filled = pending;
        _eventStart = 0;
    }

    /// <summary>Skips a byte order mark at the very start, and the line feed of a CRLF whose CR already ended an event.</summary>
    private void SkipLeftOvers()
    {
        if (!_started)
        {
            var bom = "\uFEFF"u8;
            var head = _buffer.AsSpan(0, Math.Min(_filled, bom.Length));
            if (!bom.StartsWith(head))
            {
                _started = true;
            }
            else if (head.Length == bom.Length)
            {
                _started = true;
                StartEventAt(bom.Length);
            }
        }

        if (_swallowLineFeed && _eventStart < _filled)
        {
            _swallowLineFeed = false;
            if (_buffer[_eventStart] == '\n')
            {
                StartEventAt(_eventStart + 1);
            }
        }
    }

    private bool FinishAtEnd()
    {
        var rest = _filled - _eventStart;
        if (rest == 0)
        {
            return Finish(SseEnd.Complete);
        }

        var text = _buffer.AsSpan(_eventStart, rest);
        if (text[^1] == '\r' && _lineStart == _filled - 1)
        {
            // The line feed that was waited for never came: the carriage return alone ended the event.
            _scanned = _foundEnd = _filled;
            return Take();
        }

        // Several servers leave out the line breaks after their last event. Whether it is whole otherwise, its reader can tell.
        if (!IsUnended)
        {
            IsUnended = true;
            if ((AppendFinds() || AppendFinds()) && _dataLines > 0)
            {
                return Take();
            }
        }

        return Finish(SseEnd.Truncated);
    }

    private bool AppendFinds()
    {
        MakeRoom();
        _buffer[_filled++] = (byte)'\n';
        return TryFind();
    }

    private bool Finish(SseEnd end)
    {
        End = end;
        Raw = Data = default;
        ReturnBuffer();
        return false;
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _filled = 0;
        StartEventAt(0);
    }
}

namespace Synthwave.Upstreams.Calls;

/// <summary>A body of which the beginning was looked at before it is read: what was read for that comes first. Owns nothing but its buffer.</summary>
internal sealed class SniffedBody : Stream
{
    private const int Head = 512;

    private readonly Stream _body;
    private readonly byte[] _head;
    private int _at;
    private int _count;

    private SniffedBody(Stream body, byte[] head, int count) => (_body, _head, _count) = (body, head, count);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether what has been read begins as an event stream does: with a field or a comment.</summary>
    public bool IsEvents => LooksLikeEvents(_head.AsSpan(0, _count));

    /// <summary>Whether it begins as a JSON or HTML document does.</summary>
    public bool IsDocument => LooksLikeDocument(_head.AsSpan(0, _count));

    /// <summary>Reads until there is something but white space, or nothing more.</summary>
    public static async ValueTask<SniffedBody> OpenAsync(Stream body, CancellationToken cancellationToken)
    {
        var head = new byte[Head];
        var count = 0;
        while (count < Head)
        {
            var read = await body.ReadAsync(head.AsMemory(count), cancellationToken).ConfigureAwait(false);
            count += read;
            if (read == 0 || Telling(head.AsSpan(0, count)).Length >= LongestField)
            {
                break;
            }

            if (Telling(head.AsSpan(0, count)) is [not ((byte)'d' or (byte)'e' or (byte)'i' or (byte)'r'), ..])
            {
                break;
            }
        }

        return new SniffedBody(body, head, count);
    }

    /// <summary>Whether a body's beginning is an event stream's.</summary>
    public static bool LooksLikeEvents(ReadOnlySpan<byte> head)
    {
        var text = Telling(head);
        return text.StartsWith("data:"u8) || text.StartsWith("event:"u8) || text.StartsWith("id:"u8) || text.StartsWith("retry:"u8) || text.StartsWith(":"u8);
    }

    /// <summary>Whether a body's beginning is a JSON or HTML document's.</summary>
    public static bool LooksLikeDocument(ReadOnlySpan<byte> head) => Telling(head) is [(byte)'{' or (byte)'[' or (byte)'<', ..];

    /// <summary>Whether it is too early to tell: nothing but white space, and little of it.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> head) => head.Length < Head && Telling(head).IsEmpty;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at == _count)
        {
            return await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, _count - _at);
        _head.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private const int LongestField = 6;

    private static ReadOnlySpan<byte> Telling(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("\uFEFF"u8))
        {
            head = head[3..];
        }

        return head.TrimStart(" \t\r\n"u8);
    }
}

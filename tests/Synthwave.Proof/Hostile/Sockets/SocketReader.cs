using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Synthwave.Proof.Hostile.Sockets;

/// <summary>
/// Reads HTTP/1.x messages from a socket, one after the other, and says of each how it ended. A reset is an end like any other. Owns nothing. Not thread-safe.
/// </summary>
internal sealed class SocketReader(Socket socket)
{
    private const int LongestLine = 128 * 1024;
    private const int LargestBody = 64 * 1024 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Bytes that came behind the last message.</summary>
    public int Waiting => _end - _start;

    /// <summary>The next request; null = the connection ended between two of them.</summary>
    public Task<HttpMessage?> RequestAsync(CancellationToken cancellationToken) => MessageAsync(isAnswer: false, hasBody: true, cancellationToken);

    /// <summary>The next final answer, interim ones passed over; null = the connection ended before its first byte.</summary>
    /// <param name="toHead">Whether a HEAD is answered.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<HttpMessage?> AnswerAsync(bool toHead, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await MessageAsync(isAnswer: true, !toHead, cancellationToken);
            if (answer is not { Status: >= 100 and < 200, End: MessageEnd.Whole })
            {
                return answer;
            }
        }
    }

    /// <summary>Reads and forgets up to <paramref name="most"/> bytes; false = the end.</summary>
    public async ValueTask<bool> SkipAsync(int most, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
        {
            return false;
        }

        _start += Math.Min(most, _end - _start);
        return true;
    }

    private async Task<HttpMessage?> MessageAsync(bool isAnswer, bool hasBody, CancellationToken cancellationToken)
    {
        if (await LineAsync(cancellationToken) is not { } first)
        {
            return null;
        }

        var headers = new List<(string Name, string Value)>();
        HttpMessage Ended(MessageEnd end, ReadOnlyMemory<byte> body = default) => new(first, headers, body, end);
        while (true)
        {
            var line = await LineAsync(cancellationToken);
            if (line is null)
            {
                return Ended(MessageEnd.Cut);
            }

            if (line.Length == 0)
            {
                break;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                return Ended(MessageEnd.Malformed);
            }

            headers.Add((line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim()));
        }

        var head = Ended(MessageEnd.Whole);
        if (isAnswer && head.Status is 0)
        {
            return Ended(MessageEnd.Malformed);
        }

        if (!hasBody || (isAnswer && head.Status is (>= 100 and < 200) or 204 or 304))
        {
            return head;
        }

        var body = new ArrayBufferWriter<byte>();
        var end = head.Header("transfer-encoding") is not null ? await ChunksAsync(body, cancellationToken)
            : head.Header("content-length") is { } text ? await LengthAsync(text, body, cancellationToken)
            : isAnswer ? await ToEndAsync(body, cancellationToken)
            : MessageEnd.Whole;
        return Ended(end, body.WrittenMemory);
    }

    private async Task<MessageEnd> LengthAsync(string text, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > LargestBody)
        {
            return MessageEnd.Malformed;
        }

        return await TakeAsync(length, body, cancellationToken) ? MessageEnd.Whole : MessageEnd.Cut;
    }

    private async Task<MessageEnd> ChunksAsync(ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await LineAsync(cancellationToken) is not { } line)
            {
                return MessageEnd.Cut;
            }

            if (!int.TryParse(line.Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size) || size < 0 || body.WrittenCount + size > LargestBody)
            {
                return MessageEnd.Malformed;
            }

            if (size == 0)
            {
                return await LineAsync(cancellationToken) switch { null => MessageEnd.Cut, "" => MessageEnd.Whole, _ => MessageEnd.Malformed };
            }

            if (!await TakeAsync(size, body, cancellationToken))
            {
                return MessageEnd.Cut;
            }

            if (await LineAsync(cancellationToken) is not "")
            {
                return MessageEnd.Malformed;
            }
        }
    }

    private async Task<MessageEnd> ToEndAsync(ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        while (await TakeAsync(1, body, cancellationToken))
        {
            await TakeAsync(_end - _start, body, cancellationToken);
            if (body.WrittenCount > LargestBody)
            {
                return MessageEnd.Malformed;
            }
        }

        return MessageEnd.Whole;
    }

    private async ValueTask<bool> TakeAsync(int count, ArrayBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                return false;
            }

            var some = Math.Min(count, _end - _start);
            to.Write(_buffer.AsSpan(_start, some));
            _start += some;
            count -= some;
        }

        return true;
    }

    // Without its end; null = the connection ended, or the line does not.
    private async ValueTask<string?> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                return null;
            }

            var at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var piece = _buffer.AsSpan(_start, at < 0 ? _end - _start : at);
            line.Append(Encoding.Latin1.GetString(piece));
            _start += piece.Length + (at < 0 ? 0 : 1);
            if (at >= 0)
            {
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
            }

            if (line.Length > LongestLine)
            {
                return null;
            }
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            _start = 0;
            _end = 0;
            _end = await socket.ReceiveAsync(_buffer, cancellationToken);
            return _end > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}

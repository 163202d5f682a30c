using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Synthwave.Api.Answers;

/// <summary>
/// The event-stream side of one response: head, events, heartbeats. Used by one flow at a time; <see cref="WaitAsync(Task)"/> is where heartbeats leave.
/// Events are written into it like into any buffer; they leave with the next flush. Disposing drops those that have not left: who gives up an answer in the
/// middle of an event sends no half of it.
/// </summary>
internal sealed class SseResponse(HttpContext http, ReadOnlyMemory<byte> beat, TimeSpan heartbeat, TimeProvider time) : IBufferWriter<byte>, IDisposable
{
    /// <summary>How long a client may take nothing of a stream before it counts as gone.</summary>
    public static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(60);

    // The server's writer locks on every call, and cannot forget: events that leave together go there together. Nothing is held while a stream waits.
    private const int BufferSize = 8 * 1024;

    private const int FullAt = 64 * 1024;

    private readonly PipeWriter _writer = http.Response.BodyWriter;
    private readonly CancellationTokenSource _ended = new();
    private byte[] _buffer = [];
    private int _buffered;
    private long _lastWrite = time.GetTimestamp();
    private Task? _tick;

    public bool HeadIsOut { get; private set; }

    /// <summary>So much is waiting to leave that a writer must flush before it goes on.</summary>
    public bool IsFull => _buffered >= FullAt;

    /// <summary>Bytes written so far.</summary>
    public long BytesOut { get; private set; }

    /// <summary>Sets the head's own headers; the caller has set the others. The head leaves with the first flush.</summary>
    public void StartHead()
    {
        HeadIsOut = true;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers["X-Accel-Buffering"] = "no";
        if (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol))
        {
            headers.Connection = "keep-alive";
        }

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    public void Advance(int count)
    {
        BytesOut += count;
        _buffered += count;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_buffered);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_buffered);
    }

    /// <summary>Sends what is in the buffer, if anything is.</summary>
    public async ValueTask FlushAsync()
    {
        if (_buffered > 0)
        {
            Pass();
            _lastWrite = time.GetTimestamp();
            var flush = _writer.FlushAsync(http.RequestAborted);
            if (flush.IsCompleted)
            {
                await flush;
            }
            else
            {
                await WaitForReaderAsync(flush.AsTask());
            }
        }
    }

    /// <summary>Sends what is in the buffer and the end of the response, together.</summary>
    public Task EndAsync()
    {
        Pass();
        var end = http.Response.CompleteAsync();
        return end.IsCompleted ? end : WaitForReaderAsync(end);
    }

    /// <summary>The same with what comes of it.</summary>
    public async ValueTask<T> WaitAsync<T>(Task<T> task)
    {
        await WaitAsync((Task)task);
        return await task;
    }

    /// <summary>Awaits <paramref name="task"/>, sending a heartbeat whenever nothing else left for the heartbeat's period.</summary>
    public async ValueTask WaitAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _tick ??= Task.Delay(Due(), time, _ended.Token);
            if (await Task.WhenAny(task, _tick) == task)
            {
                break;
            }

            _tick = null;
            if (Due() <= TimeSpan.Zero)
            {
                await BeatAsync();
            }
        }

        await task;
    }

    /// <summary>Sends a heartbeat now.</summary>
    public ValueTask BeatAsync()
    {
        this.Write(beat.Span);
        return FlushAsync();
    }

    public void Dispose()
    {
        Return();
        _ended.Cancel();
        _ended.Dispose();
    }

    // A model must not be kept waiting for ever by a client that is there but takes nothing.
    private async Task WaitForReaderAsync(Task flush)
    {
        try
        {
            await flush.WaitAsync(LongestStall, time);
        }
        catch (TimeoutException)
        {
            http.Abort();
            throw new ConnectionAbortedException("The client stopped reading.");
        }
    }

    private void MakeRoom(int sizeHint)
    {
        if (_buffer.Length - _buffered < Math.Max(sizeHint, 1))
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffered + sizeHint, _buffered == 0 ? BufferSize : Math.Max(FullAt, 2 * _buffered)));
            _buffer.AsSpan(0, _buffered).CopyTo(larger);
            var kept = _buffered;
            Return();
            (_buffer, _buffered) = (larger, kept);
        }
    }

    private void Pass()
    {
        _writer.Write(_buffer.AsSpan(0, _buffered));
        Return();
    }

    private void Return()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _buffered) = ([], 0);
    }

    // Delays are cut to whole milliseconds: what is left of a last one would be asked for again and again until it has passed.
    private TimeSpan Due()
    {
        var due = heartbeat - time.GetElapsedTime(_lastWrite);
        return due > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)) : TimeSpan.Zero;
    }
}

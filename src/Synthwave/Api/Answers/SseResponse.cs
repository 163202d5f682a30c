using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Synthwave.Api.Admission;

namespace Synthwave.Api.Answers;

/// <summary>
/// The event-stream side of one response: head, events, heartbeats. Used by one flow at a time; its waits are where heartbeats leave. Events are written into
/// it like into any buffer; they leave with the next flush. Disposing drops those that have not left: who gives up an answer in the middle of an event sends
/// no half of it.
/// </summary>
internal sealed class SseResponse(HttpContext http, ReadOnlyMemory<byte> beat, TimeSpan heartbeat, TimeProvider time) : IBufferWriter<byte>, IHeartbeat, IDisposable
{
    /// <summary>How long a client may take nothing of an answer before it counts as gone.</summary>
    public static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(60);

    // The server's writer locks on every call, and cannot forget: events that leave together go there together. Nothing is held while a stream waits.
    private const int BufferSize = 8 * 1024;

    private const int FullAt = 64 * 1024;

    // An event that is longer is in the server's buffers only: the pool, which others share, would keep arrays of its size.
    private const int Most = 1024 * 1024;

    private readonly PipeWriter _writer = http.Response.BodyWriter;
    private readonly TimedWait _wait = new(time);
    private byte[] _buffer = [];
    private int _buffered;
    private bool _hasPassed;
    private long _lastWrite = time.GetTimestamp();
    private volatile bool _mustBeat;

    public bool HeadIsOut { get; private set; }

    /// <summary>So much is waiting to leave that a writer must flush before it goes on.</summary>
    public bool IsFull => _buffered >= FullAt || _hasPassed;

    /// <summary>Bytes written so far.</summary>
    public long BytesOut { get; private set; }

    /// <summary>Sets the head's own headers; the caller has set the others. The head leaves with the first flush.</summary>
    public void StartHead()
    {
        HeadIsOut = true;
        ClientPresence.Of(http)?.BeginAnswer(this);
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers["X-Accel-Buffering"] = "no";
        if (IsKept(http))
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
        if (_buffered > FullAt)
        {
            // In pieces: a reader that takes one in time is not one that takes nothing.
            await ReaderWait.SendAsync(http, _buffer.AsMemory(0, _buffered));
            _buffered = 0;
            _hasPassed = false;
            _lastWrite = time.GetTimestamp();
        }
        else if (_buffered > 0 || _hasPassed)
        {
            Pass();
            _hasPassed = false;
            _lastWrite = time.GetTimestamp();
            var flush = _writer.FlushAsync(http.RequestAborted);
            if (flush.IsCompleted)
            {
                await flush;
            }
            else
            {
                await ReaderWait.ForAsync(http, flush.AsTask(), time);
            }
        }
    }

    /// <summary>Sends what is in the buffer and the end of the response, together.</summary>
    public Task EndAsync()
    {
        Pass();
        var end = http.Response.CompleteAsync();
        return end.IsCompleted ? end : ReaderWait.ForAsync(http, end, time);
    }

    /// <summary>Whether <paramref name="task"/> is done within <paramref name="limit"/>, however it ends. Nothing leaves meanwhile.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> IsDoneWithinAsync(Task task, TimeSpan limit)
    {
        if (task.IsCompleted || limit == TimeSpan.Zero)
        {
            return task.IsCompleted;
        }

        _wait.Watch(task);
        var since = time.GetTimestamp();
        var isDone = false;
        for (var left = limit; !isDone && left > TimeSpan.Zero; left = Whole(limit - time.GetElapsedTime(since)))
        {
            isDone = await _wait.IsDoneWithinAsync(left);
        }

        return isDone;
    }

    /// <summary>Awaits <paramref name="task"/>, sending a heartbeat whenever nothing else left for the heartbeat's period.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> WaitAsync<T>(Task<T> task)
    {
        if (!task.IsCompleted)
        {
            _wait.Watch(task);
        }

        if (_wait.IsWatching(task))
        {
            await BeatUntilDoneAsync();
        }

        return await task;
    }

    /// <summary>
    /// Sends what is in the buffer and awaits <paramref name="operation"/>, with heartbeats as above. Where sending fails, <paramref name="giveUp"/> is called
    /// and the operation waited for all the same: what it works on may not be let go before.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask FlushAndWaitAsync(ValueTask operation, Action giveUp)
    {
        var awaiter = operation.GetAwaiter();
        _wait.Watch(awaiter);
        try
        {
            await FlushAsync();
            await BeatUntilDoneAsync();
        }
        catch
        {
            giveUp();
            while (!await _wait.IsDoneWithinAsync(Timeout.InfiniteTimeSpan))
            {
            }

            throw;
        }

        awaiter.GetResult();
    }

    /// <inheritdoc/>
    public void BeatSoon()
    {
        _mustBeat = true;
        _wait.Cut();
    }

    /// <summary>Sends a heartbeat now.</summary>
    public ValueTask BeatAsync()
    {
        _mustBeat = false;
        this.Write(beat.Span);
        return FlushAsync();
    }

    public void Dispose()
    {
        _wait.Dispose();
        Return();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask BeatUntilDoneAsync()
    {
        while (!await _wait.IsDoneWithinAsync(Due()))
        {
            if (Due() == TimeSpan.Zero)
            {
                await BeatAsync();
            }
        }
    }

    // The server says itself when it will close the connection, unless somebody else has said something. A stream has no length, so that it ends one of HTTP/1.0.
    private static bool IsKept(HttpContext http) =>
        HttpProtocol.IsHttp11(http.Request.Protocol)
        && http.Response.Headers.Connection.Count == 0
        && !(http.Request.Headers.Connection.Count > 0 && http.Request.Headers.Connection.ToString().Contains("close", StringComparison.OrdinalIgnoreCase))
        && http.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.IsCancellationRequested is not true;

    private void MakeRoom(int sizeHint)
    {
        if (_buffered >= Most)
        {
            Pass();
            _hasPassed = true;
        }

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

    private TimeSpan Due() => _mustBeat ? TimeSpan.Zero : Whole(heartbeat - time.GetElapsedTime(_lastWrite));

    // Timers are cut to whole milliseconds: what is left of a last one would be asked for again and again until it has passed.
    private static TimeSpan Whole(TimeSpan span) => span > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds)) : TimeSpan.Zero;
}

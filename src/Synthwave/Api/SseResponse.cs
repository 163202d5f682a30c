using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Synthwave.Api;

/// <summary>
/// The event-stream side of one response: head, events, heartbeats. Used by one flow at a time; <see cref="WaitAsync{T}"/> is where heartbeats leave.
/// </summary>
internal sealed class SseResponse(HttpContext http, TimeSpan heartbeat, TimeProvider time) : IDisposable
{
    private readonly PipeWriter _writer = http.Response.BodyWriter;
    private readonly CancellationTokenSource _ended = new();
    private long _lastWrite = time.GetTimestamp();
    private Task? _tick;
    private bool _isDirty;

    public bool HeadIsOut { get; private set; }

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

    /// <summary>Puts a whole event into the buffer.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_writer.GetSpan(bytes.Length));
        _writer.Advance(bytes.Length);
        BytesOut += bytes.Length;
        _isDirty = true;
    }

    /// <summary>Writes <c>data: </c>, the payload, and the blank line.</summary>
    public void WriteData(ReadOnlySpan<byte> payload)
    {
        Write("data: "u8);
        Write(payload);
        Write("\n\n"u8);
    }

    /// <summary>Sends what is in the buffer, if anything is.</summary>
    public async ValueTask FlushAsync()
    {
        if (_isDirty)
        {
            _isDirty = false;
            _lastWrite = time.GetTimestamp();
            await _writer.FlushAsync(http.RequestAborted);
        }
    }

    /// <summary>Awaits <paramref name="task"/>, sending a comment whenever nothing else left for the heartbeat's period.</summary>
    public async ValueTask<T> WaitAsync<T>(Task<T> task)
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

        return await task;
    }

    /// <summary>Sends a comment now.</summary>
    public ValueTask BeatAsync()
    {
        Write(": heartbeat\n\n"u8);
        return FlushAsync();
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private TimeSpan Due()
    {
        var due = heartbeat - time.GetElapsedTime(_lastWrite);
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }
}

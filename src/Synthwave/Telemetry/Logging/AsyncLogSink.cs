using System.Threading.Channels;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Parsing;

namespace Synthwave.Telemetry.Logging;

/// <summary>
/// Takes log events off the threads that raise them: a bounded queue and one writer. When the output is slower than the gateway, the oldest
/// waiting events are dropped, or the new ones where those that wait hold too much; they are counted, and the loss is logged. Disposing writes what is still waiting.
/// </summary>
internal sealed class AsyncLogSink : ILogEventSink, IAsyncDisposable
{
    public const int DefaultCapacity = 8192;

    /// <summary>What waiting events may hold together, bytes: each holds its request's report, which is long where many calls failed.</summary>
    public const long MostWaiting = 32L * 1024 * 1024;

    private const int BytesOfEvent = 1024;

    // Long enough for a slow terminal, short enough not to hold up a shutdown behind a stuck pipe.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(5);

    private static readonly MessageTemplate DroppedTemplate = new MessageTemplateParser().Parse("{Count} log lines were dropped because the output is too slow");

    private readonly ILogOutput _output;
    private readonly TimeProvider _time;
    private readonly Channel<(LogEvent Event, int Weight)> _queue;
    private readonly Task _writing;
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waiting;
    private long _dropped;
    private long _failed;
    private int _disposed;

    /// <param name="output">Owned: disposed with the sink.</param>
    /// <param name="time">For the time of its own events.</param>
    /// <param name="capacity">Most events waiting.</param>
    public AsyncLogSink(ILogOutput output, TimeProvider time, int capacity = DefaultCapacity)
    {
        _output = output;
        _time = time;
        _queue = Channel.CreateBounded<(LogEvent Event, int Weight)>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, lost => Drop(lost.Weight));
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Events lost because too many waited, or what waited held too much.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Writes that failed (a closed pipe, a full disk, a bug of the output); each is told to Serilog's self-log.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public void Emit(LogEvent logEvent)
    {
        var weight = BytesOfEvent + (RequestRecordValue.Of(logEvent)?.Report?.Weight ?? 0);
        if (Interlocked.Add(ref _waiting, weight) > MostWaiting)
        {
            Drop(weight);
        }
        else
        {
            _queue.Writer.TryWrite((logEvent, weight));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The logger disposes its sinks too.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.Writer.TryComplete();
        _closing.TrySetResult();
        try
        {
            await _writing.WaitAsync(LongestDrain, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The output is stuck: its owner may not be disposed under the writer's feet.
            return;
        }

        Guarded(static o => o.Dispose());
    }

    private async Task WriteAllAsync()
    {
        long reported = 0;
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var next))
            {
                Guarded(o => o.Write(next.Event));
                Interlocked.Add(ref _waiting, -next.Weight);
            }

            if (Dropped is var dropped && dropped > reported)
            {
                var count = dropped - reported;
                reported = dropped;
                Guarded(o => o.Write(DroppedEvent(count)));
            }

            Guarded(static o => o.Flush());

            // Under load a wake-up per line costs more than the line: what comes within a moment is written together.
            if (Volatile.Read(ref _disposed) == 0)
            {
                await Task.WhenAny(_closing.Task, Task.Delay(Gathering, _time)).ConfigureAwait(false);
            }
        }
    }

    private void Drop(int weight)
    {
        Interlocked.Add(ref _waiting, -weight);
        Interlocked.Increment(ref _dropped);
    }

    // A log that cannot be written must take neither the gateway nor the lines after it down, whatever the reason.
    private void Guarded(Action<ILogOutput> write)
    {
        try
        {
            write(_output);
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _failed);
            SelfLog.WriteLine("{0}: {1}", e.GetType().Name, e.Message);
        }
    }

    private LogEvent DroppedEvent(long count) => new(
        _time.GetUtcNow(), LogEventLevel.Warning, null, DroppedTemplate,
        [new LogEventProperty("Count", new ScalarValue(count))]);
}

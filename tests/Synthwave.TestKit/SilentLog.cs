using Serilog.Events;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Reports;

namespace Synthwave.TestKit;

/// <summary>Keeps the last lines for a failing test to look at, and prints none.</summary>
internal sealed class SilentLog : ILogOutput
{
    private const int Most = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<LogEvent> _events = new();
    private readonly Queue<LogEvent> _errors = new();
    private TaskCompletionSource _next = New();

    public IReadOnlyList<LogEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>The last lines that say that something went wrong inside the gateway, kept however much is logged after them.</summary>
    public IReadOnlyList<LogEvent> Errors
    {
        get
        {
            lock (_gate)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>
    /// Waits until <paramref name="isSo"/>, which is looked at now and after each further line: for what happens before a line is written. The line of a request is written when
    /// everything else about it is done. Fails after half a minute of real time.
    /// </summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = Next();
            if (isSo())
            {
                return;
            }

            await next.WaitAsync(limit.Token);
        }
    }

    /// <summary>Waits until such a request is over and has its line. Fails after half a minute of real time.</summary>
    public Task UntilOverAsync(Func<RequestRecord, bool> isMeant) => UntilAsync(() => Events.Any(e => RequestRecordValue.Of(e) is { } record && isMeant(record)));

    public void Write(LogEvent logEvent)
    {
        TaskCompletionSource written;
        lock (_gate)
        {
            Keep(_events, logEvent);
            if (logEvent.Level >= LogEventLevel.Error)
            {
                Keep(_errors, logEvent);
            }

            (written, _next) = (_next, New());
        }

        written.SetResult();
    }

    public void Flush()
    {
        // Nothing is buffered.
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Next()
    {
        lock (_gate)
        {
            return _next.Task;
        }
    }

    private static void Keep(Queue<LogEvent> events, LogEvent logEvent)
    {
        events.Enqueue(logEvent);
        if (events.Count > Most)
        {
            events.Dequeue();
        }
    }
}

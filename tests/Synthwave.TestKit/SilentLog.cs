using Serilog.Events;
using Synthwave.Telemetry.Logging;

namespace Synthwave.TestKit;

/// <summary>Keeps the last lines for a failing test to look at, and prints none.</summary>
internal sealed class SilentLog : ILogOutput
{
    private const int Most = 1000;
    private readonly Lock _gate = new();
    private readonly Queue<LogEvent> _events = new();
    private readonly Queue<LogEvent> _errors = new();

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

    public void Write(LogEvent logEvent)
    {
        lock (_gate)
        {
            Keep(_events, logEvent);
            if (logEvent.Level >= LogEventLevel.Error)
            {
                Keep(_errors, logEvent);
            }
        }
    }

    public void Flush()
    {
        // Nothing is buffered.
    }

    public void Dispose()
    {
        // Nothing is held.
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

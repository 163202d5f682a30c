using Serilog.Events;
using Synthwave.Telemetry.Logging;

namespace Synthwave.TestKit;

/// <summary>Keeps the last lines for a failing test to look at, and prints none.</summary>
internal sealed class SilentLog : ILogOutput
{
    private const int Most = 1000;
    private readonly Lock _gate = new();
    private readonly Queue<LogEvent> _events = new();

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

    public void Write(LogEvent logEvent)
    {
        lock (_gate)
        {
            _events.Enqueue(logEvent);
            if (_events.Count > Most)
            {
                _events.Dequeue();
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
}

using Serilog.Events;

namespace Synthwave.Telemetry.Logging;

/// <summary>Where log events end up. Used by one thread at a time.</summary>
internal interface ILogOutput : IDisposable
{
    void Write(LogEvent logEvent);

    /// <summary>Called when nothing else is waiting.</summary>
    void Flush();
}

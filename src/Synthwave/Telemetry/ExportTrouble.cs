using System.Diagnostics.Tracing;

namespace Synthwave.Telemetry;

/// <summary>
/// Says that telemetry does not reach its collector: the first time, and from then on once a minute at most, while it lasts. The exporters keep it to
/// themselves otherwise, and what they would say holds the collector's address. Requests are not affected: export has a thread of its own, and a queue that
/// drops what does not fit. Thread-safe.
/// </summary>
internal sealed partial class ExportTrouble(ILogger<ExportTrouble> logger, TimeProvider time) : EventListener, IHostedService
{
    /// <summary>Between two lines at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly Lock _gate = new();
    private long? _toldAt;
    private long _untold;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Called by the base constructor too.
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name != Exporter)
        {
            return;
        }

        long failures;
        lock (_gate)
        {
            _untold++;
            if (_toldAt is { } toldAt && time.GetElapsedTime(toldAt) < Interval)
            {
                return;
            }

            _toldAt = time.GetTimestamp();
            (failures, _untold) = (_untold, 0);
        }

        LogUnsent(failures);
    }

    [LoggerMessage(401, LogLevel.Warning,
        "Telemetry does not reach its collector (failures since this was last said: {Failures}). Requests are not affected; what cannot be sent is dropped. Look at the OTEL_EXPORTER_OTLP_* variables.")]
    private partial void LogUnsent(long failures);
}

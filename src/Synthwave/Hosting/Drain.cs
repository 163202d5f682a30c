using Synthwave.Api.Admission;

namespace Synthwave.Hosting;

/// <summary>
/// The time between a stop signal and the stop: readiness says no and kept connections are given up answer by answer, while whoever has not heard of it
/// yet is still served. Thread-safe.
/// </summary>
internal sealed partial class Drain(IHostApplicationLifetime lifetime, RuntimeHost host, ShutdownSignal signal, TimeProvider time, ILogger<Drain> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;

    /// <summary>Begins the stop; the host stops when the configured time is over. A second call changes nothing.</summary>
    public void Begin()
    {
        var length = host.Current.Config.Server.Drain;
        lock (_gate)
        {
            if (signal.HasBegun)
            {
                return;
            }

            signal.Begin();
            if (length > TimeSpan.Zero)
            {
                LogDraining(length.TotalSeconds);
                _timer = time.CreateTimer(_ => lifetime.StopApplication(), null, length, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        lifetime.StopApplication();
    }

    public void Dispose() => _timer?.Dispose();

    [LoggerMessage(312, LogLevel.Information, "A stop was asked for: readiness says so, and connections are accepted for {Seconds} more seconds.")]
    private partial void LogDraining(double seconds);
}

using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Synthwave.Telemetry;

/// <summary>
/// Sends what telemetry still holds when the host stops, for as long as the stop has time: a collector that does not answer keeps nobody. What is not sent then is lost.
/// </summary>
/// <param name="traces">Null = traces are not exported.</param>
/// <param name="metrics">Null = metrics are not exported.</param>
/// <param name="time">The clock.</param>
internal sealed class ExportEnd(TracerProvider? traces, MeterProvider? metrics, TimeProvider time) : IHostedService
{
    /// <summary>Where the stop itself has more.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Where the stop's time is over already: a collector that is there needs less.</summary>
    public static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(300);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Throws nothing. <paramref name="cancellationToken"/> is cancelled when the stop's time is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var limit = (int)Longest.TotalMilliseconds;
        var ending = Task.WhenAll(Task.Run(() => traces?.Shutdown(limit), CancellationToken.None), Task.Run(() => metrics?.Shutdown(limit), CancellationToken.None));
        try
        {
            await ending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAny(ending, Task.Delay(LastMoment, time, CancellationToken.None)).ConfigureAwait(false);
        }
    }
}

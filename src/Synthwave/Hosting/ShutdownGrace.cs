using Synthwave.Api.Admission;

namespace Synthwave.Hosting;

/// <summary>
/// Once the server stops it takes no new connections and requests in flight go on; when the grace is over they are told to end.
/// </summary>
internal sealed class ShutdownGrace(IHostApplicationLifetime lifetime, RuntimeHost host, ShutdownSignal signal, TimeProvider time) : IHostedService, IDisposable
{
    private CancellationTokenRegistration _stopping;
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(() =>
        {
            signal.Begin();
            _timer = time.CreateTimer(_ => signal.Set(), null, host.Current.Config.Server.ShutdownGrace, Timeout.InfiniteTimeSpan);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
    }
}

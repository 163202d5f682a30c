using Synthwave.Api.Admission;

namespace Synthwave.Hosting;

/// <summary>
/// Once the server stops it takes no new connections and requests in flight go on; when the grace is over they are told to end, and a moment later whoever is
/// still there is cut off. Thread-safe.
/// </summary>
internal sealed class ShutdownGrace(IHostApplicationLifetime lifetime, RuntimeHost host, ShutdownSignal signal, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>What is left for last words, such as an error that says why, to clients that read them.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _cut = new();
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _stopping;
    private bool _isDisposed;
    private ITimer? _ending;
    private ITimer? _cutting;

    /// <summary>Cancelled when nobody is waited for any longer.</summary>
    public CancellationToken Cut => _cut.Token;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(() =>
        {
            signal.Begin();
            var grace = host.Current.Config.Server.ShutdownGrace;

            // Two timers: what a request does when it is told to end runs on the first one.
            _cutting = time.CreateTimer(_ => CutOff(), null, grace + LastWords, Timeout.InfiniteTimeSpan);
            _ending = time.CreateTimer(_ => signal.Set(), null, grace, Timeout.InfiniteTimeSpan);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A timer that is disposed may be running: whoever it would tell is gone then.
    private void CutOff()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _cut.Cancel();
            }
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _ending?.Dispose();
        _cutting?.Dispose();
        lock (_gate)
        {
            _isDisposed = true;
        }

        _cut.Dispose();
    }
}

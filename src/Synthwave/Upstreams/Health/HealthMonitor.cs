using System.Collections.Immutable;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Health;

/// <summary>
/// Probes the current upstreams once the host has started, then at every interval, and on behalf of readiness requests that find a result too old. One probe per upstream
/// is under way at a time, shared by all who wait; a waiter that leaves does not stop it. Results live in the upstreams' states and so outlive a reload.
/// The log is told of changes, not of states: an upstream nobody has heard of counts as up. Thread-safe.
/// </summary>
/// <param name="clients">Sends the probes.</param>
/// <param name="time">The clock of intervals and limits.</param>
/// <param name="logger">Is told of changes.</param>
/// <param name="host">Null = probing begins with the service itself.</param>
internal sealed partial class HealthMonitor(
    ListingClients clients, TimeProvider time, ILogger<HealthMonitor> logger, IHostApplicationLifetime? host = null) : BackgroundService, IHealthStates
{
    private readonly CancellationTokenSource _stop = new();
    private bool _isDisposed;
    private volatile Watch _watch = new([], TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(5));

    /// <summary>Replaces what is watched. Upstreams without a fresh result are probed at once.</summary>
    public void Observe(IEnumerable<UpstreamClient> upstreams, TimeSpan interval, TimeSpan timeout)
    {
        var before = Interlocked.Exchange(ref _watch, new Watch([.. upstreams], interval, timeout));
        before.Replaced.TrySetResult();
    }

    /// <inheritdoc/>
    public IReadOnlyList<UpstreamHealth> Current =>
        [.. _watch.Upstreams.Select(u => new UpstreamHealth(u.Config.Name, u.State.Health.Status ?? HealthState.Unknown))];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<UpstreamHealth>> CheckAsync(CancellationToken cancellationToken)
    {
        var watch = _watch;
        var pending = watch.Upstreams.Select(u => u.State.Health.Fresh(time, watch.Interval) is { } fresh ? Task.FromResult(fresh) : ProbeOnce(u, watch.Timeout)).ToList();
        var results = await Task.WhenAll(pending).WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. watch.Upstreams.Select((u, i) => new UpstreamHealth(u.Config.Name, results[i])).OrderBy(h => h.Upstream, StringComparer.Ordinal)];
    }

    public override void Dispose()
    {
        // The container disposes a service as often as it is registered.
        if (!_isDisposed)
        {
            _isDisposed = true;
            _stop.Cancel();
            _stop.Dispose();
            base.Dispose();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);

        // The host disposes the listing clients next, and they would wait for these under the host's clock.
        var ending = _watch.Upstreams.Select(u => u.State.Health.UnderWay).OfType<Task>();
        await Task.WhenAll(ending).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (host is not null)
        {
            // A host that cannot listen ends with that as its only news.
            await StartedAsync(host, stoppingToken).ConfigureAwait(false);
        }

        Watch? last = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var watch = _watch;
            var isTick = ReferenceEquals(watch, last);
            last = watch;
            foreach (var upstream in watch.Upstreams.Where(u => isTick || u.State.Health.Fresh(time, watch.Interval) is null))
            {
                // Not awaited: one slow endpoint must not delay the others. It never faults, and ends with the monitor.
                _ = ProbeOnce(upstream, watch.Timeout);
            }

            await WaitAsync(watch, stoppingToken).ConfigureAwait(false);
        }
    }

    private static async Task StartedAsync(IHostApplicationLifetime host, CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onStart = host.ApplicationStarted.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), started);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
    }

    private async Task WaitAsync(Watch watch, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var interval = Task.Delay(watch.Interval, time, over.Token);
        await Task.WhenAny(interval, watch.Replaced.Task).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    private Task<HealthState> ProbeOnce(UpstreamClient upstream, TimeSpan timeout) => upstream.State.Health.Join(() => ProbeAsync(upstream, timeout));

    private async Task<HealthState> ProbeAsync(UpstreamClient upstream, TimeSpan timeout)
    {
        // Whoever starts the probe holds the record's lock until this method first yields, and the record must know the probe before it ends.
        await Task.Yield();
        var health = upstream.State.Health;
        try
        {
            var (status, detail, isUnlisted) = await HealthProbe.RunAsync(upstream, clients, time, timeout, _stop.Token).ConfigureAwait(false);
            var before = health.Complete(status, time.GetTimestamp());
            var changed = status != (before ?? HealthState.Up);
            if (changed && status == HealthState.Up)
            {
                LogRecovered(upstream.Config.Name);
            }
            else if (changed)
            {
                LogNotUp(upstream.Config.Name, status, detail);
            }

            if (isUnlisted && before is null && status == HealthState.Up)
            {
                LogUnlisted(upstream.Config.Name);
            }

            return status;
        }
        catch (Exception e) when (e is ObjectDisposedException || (e is OperationCanceledException && _stop.IsCancellationRequested))
        {
            // The host is ending: it may dispose the listing clients before it tells this monitor.
            return health.Complete(null, 0) ?? HealthState.Down;
        }
        catch (Exception e)
        {
            // A bug of the probe must neither end the monitor nor hide.
            LogProbeFailed(e, upstream.Config.Name);
            health.Complete(HealthState.Down, time.GetTimestamp());
            return HealthState.Down;
        }
    }

    [LoggerMessage(EventId = 230, Level = LogLevel.Warning, Message = "Upstream {Upstream} is {Status}: {Detail}.")]
    private partial void LogNotUp(string upstream, HealthState status, string detail);

    [LoggerMessage(EventId = 231, Level = LogLevel.Information, Message = "Upstream {Upstream} is up again.")]
    private partial void LogRecovered(string upstream);

    [LoggerMessage(EventId = 232, Level = LogLevel.Error, Message = "The probe of upstream {Upstream} failed.")]
    private partial void LogProbeFailed(Exception exception, string upstream);

    [LoggerMessage(EventId = 233, Level = LogLevel.Information, Message = "Upstream {Upstream} has no list of models: it counts as up until a call says otherwise.")]
    private partial void LogUnlisted(string upstream);

    private sealed class Watch(ImmutableArray<UpstreamClient> upstreams, TimeSpan interval, TimeSpan timeout)
    {
        public ImmutableArray<UpstreamClient> Upstreams { get; } = upstreams;

        public TimeSpan Interval { get; } = interval;

        public TimeSpan Timeout { get; } = timeout;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

namespace Synthwave.Hosting;

/// <summary>
/// Gives memory back to the system when the server comes to rest. A process that allocates nothing collects nothing, so what a busy hour needed would stay taken.
/// <code>
/// work (16 MB allocated or more) ──► two quiet looks in a row (under 1 MB each) ──► one compacting collection
///   ──► still quiet when the runtime's pools forget what they hold, which they do in a collection only ──► a second one, and none again before the next work
/// </code>
/// The collection stops the process for some milliseconds, at a moment when no data flows; streams may be open.
/// </summary>
/// <param name="time">Where time comes from.</param>
/// <param name="allocated">Bytes this process has ever allocated.</param>
/// <param name="release">Collects and gives back.</param>
internal sealed class MemoryRelease(TimeProvider time, Func<long> allocated, Action release) : IHostedService, IDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private const long Work = 16L * 1024 * 1024;

    private const long Quiet = 1024 * 1024;

    // The shared array pool lets go in a collection what has lain in it for a minute.
    private static readonly TimeSpan PoolsForget = TimeSpan.FromSeconds(65);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _atRelease;
    private long _atLook;
    private bool _wasQuiet;
    private long? _releasedAt;

    /// <summary>The release of this process.</summary>
    public static MemoryRelease OfProcess(TimeProvider time) => new(
        time,
        static () => GC.GetTotalAllocatedBytes(precise: false),
        static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _atRelease = _atLook = allocated();
        _timer = time.CreateTimer(static state => ((MemoryRelease)state!).Look(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        // A look that is still releasing is not joined by the next one.
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            var now = allocated();
            var isQuiet = now - _atLook < Quiet;
            _atLook = now;
            if (isQuiet && _wasQuiet && now - _atRelease >= Work)
            {
                release();
                _atRelease = now;
                _releasedAt = time.GetTimestamp();
            }
            else if (isQuiet && _wasQuiet && _releasedAt is { } since && time.GetElapsedTime(since) >= PoolsForget)
            {
                release();
                _releasedAt = null;
            }
            else if (!isQuiet)
            {
                // Work again: it will be followed by a release of its own.
                _releasedAt = null;
            }

            _wasQuiet = isQuiet;
        }
        finally
        {
            _gate.Exit();
        }
    }
}

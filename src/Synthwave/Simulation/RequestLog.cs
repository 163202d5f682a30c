using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>The newest requests, how many there were, and how many at once. Thread-safe.</summary>
internal sealed class RequestLog(int limit)
{
    private readonly Lock _lock = new();
    private readonly Queue<RecordedRequest> _requests = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private long _total;
    private int _inFlight;
    private int _peak;

    /// <summary>Whether requests are kept at all.</summary>
    public bool Records => limit > 0;

    public long Total => Interlocked.Read(ref _total);

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The most requests that were in work at one time.</summary>
    public int Peak => Volatile.Read(ref _peak);

    public ImmutableArray<RecordedRequest> Snapshot()
    {
        lock (_lock)
        {
            return [.. _requests];
        }
    }

    public void Enter()
    {
        Interlocked.Increment(ref _total);
        var now = Interlocked.Increment(ref _inFlight);
        for (var seen = Volatile.Read(ref _peak); now > seen;)
        {
            var previous = Interlocked.CompareExchange(ref _peak, now, seen);
            if (previous == seen)
            {
                break;
            }

            seen = previous;
        }
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public void Add(RecordedRequest request)
    {
        lock (_lock)
        {
            _requests.Enqueue(request);
            if (_requests.Count > limit)
            {
                _requests.Dequeue();
            }

            foreach (var (_, reached) in _waiters.FindAll(w => w.Count <= _requests.Count))
            {
                reached.TrySetResult();
            }

            _waiters.RemoveAll(w => w.Count <= _requests.Count);
        }
    }

    /// <summary>Completes when at least <paramref name="count"/> requests are kept.</summary>
    public Task WhenAsync(int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, limit);
        lock (_lock)
        {
            if (_requests.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }
}

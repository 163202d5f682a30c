namespace Synthwave.Upstreams.Learned;

/// <summary>
/// The calls in flight at one upstream, and those that wait for a place among them: first come, first served, and nobody overtakes who waits. Thread-safe.
/// </summary>
internal sealed class CallPlaces(TimeProvider time)
{
    /// <summary>So many wait at most.</summary>
    public const int MostWaiting = 1000;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private int _inFlight;

    /// <summary>Calls in flight now, streams included until they are disposed.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Takes a place, unless <paramref name="limit"/> places are taken or others wait for one; null = no limit.</summary>
    public bool TryEnter(int? limit)
    {
        lock (_gate)
        {
            if (limit is { } most && (_waiting.Count > 0 || _inFlight >= most))
            {
                return false;
            }

            _inFlight++;
            return true;
        }
    }

    /// <summary>Waits for a place; false = none came free in time, or too many wait already. Throws on cancellation, and then waits for none any more.</summary>
    /// <param name="limit">Places there are.</param>
    /// <param name="longest">Above zero.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<bool> EnterAsync(int limit, TimeSpan longest, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting)
            {
                return false;
            }

            waiter = _waiting.AddLast(new Waiter(limit));
            AdmitWaiting();
        }

        try
        {
            await waiter.Value.Admitted.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return !TryGiveUp(waiter);
        }
        catch (OperationCanceledException)
        {
            if (!TryGiveUp(waiter))
            {
                Leave();
            }

            throw;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _inFlight--;
            AdmitWaiting();
        }
    }

    // False = it was admitted meanwhile.
    private bool TryGiveUp(LinkedListNode<Waiter> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
            {
                return false;
            }

            // Whoever came behind it may have come with a higher limit.
            _waiting.Remove(waiter);
            AdmitWaiting();
            return true;
        }
    }

    private void AdmitWaiting()
    {
        while (_waiting.First is { } first && _inFlight < first.Value.Limit)
        {
            _waiting.RemoveFirst();
            _inFlight++;
            first.Value.Admitted.SetResult();
        }
    }

    private sealed class Waiter(int limit)
    {
        public int Limit { get; } = limit;

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

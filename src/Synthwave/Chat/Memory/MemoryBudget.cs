namespace Synthwave.Chat.Memory;

/// <summary>
/// What all requests together may hold in memory at one time: bodies, buffered replies, drafts, what a stream holds back, what a door keeps for the object at a
/// stream's end. Every request in work counts flat; what it holds beyond that is taken piece by piece. When the budget is full a taker waits a short time, first
/// come, first served. An eighth of it is there for the flat counts alone, so that a few large requests do not keep out the many small ones. One client takes half of it
/// at most, flat counts included: only the flat counts within the first quarter are nobody's, so that it costs nothing to count while little is in use. Thread-safe.
/// </summary>
/// <remarks>It is what requests get of <c>max_memory_mb</c>; what outlives them has its own bounds, which are taken off before.</remarks>
internal sealed class MemoryBudget(TimeProvider time)
{
    /// <summary>What every request counts, bytes: it may hold so much without taking anything.</summary>
    public const int Flat = 32 * 1024;

    /// <summary>How long a taker waits while the budget is full.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private const int MostWaiting = 1000;

    // Of one client's: the others' are not kept out of the queue.
    private const int MostWaitingOfOneClient = 100;

    private const long Unset = long.MaxValue / 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Dictionary<string, long> _byClient = new(StringComparer.Ordinal);
    private long _limit = Unset;
    private long _used;
    private int _waitingCount;

    /// <summary>What a request is told for which nothing is left.</summary>
    public static GatewayError Full { get; } = new(503, "overloaded", "The server has no memory left for this request now.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>Bytes. It may be set while requests are in work: those that hold more keep what they have.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            Volatile.Write(ref _limit, value);
            lock (_gate)
            {
                Serve();
            }
        }
    }

    /// <summary>Bytes held now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>The most that one client may hold beyond the flat counts that are nobody's, bytes.</summary>
    public long MostOfOneClient => Limit / 2;

    // Within it no client can hold too much.
    private long UncountedLimit => Limit / 4;

    // What is taken beyond the flat counts.
    private long LargeLimit => Limit - (Limit / 8);

    /// <summary>The limit where none is configured: three fifths of the memory this process may use, and 256 MiB at least.</summary>
    public static long Default() => Math.Max(256L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 5 * 3);

    /// <summary>Counts a request flat and for nobody; false = so much is in use that it has to count for its client.</summary>
    public bool TryEnter()
    {
        // Looked at first, so that what cannot be had is not in anybody's way for a moment.
        if (Used + Flat > UncountedLimit)
        {
            return false;
        }

        if (Interlocked.Add(ref _used, Flat) <= UncountedLimit)
        {
            return true;
        }

        GiveFlat();
        return false;
    }

    /// <summary>Counts a request flat and for its client, after a short wait at most; false = there is no room for it. Throws on cancellation.</summary>
    public ValueTask<bool> EnterAsync(string client, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (TryGrant(Flat, client, isFlat: true))
            {
                return new(true);
            }
        }

        return WaitAsync(Flat, client, isFlat: true, cancellationToken);
    }

    /// <summary>Ends a request's flat count.</summary>
    /// <param name="client">For whom it counted; null = for nobody.</param>
    public void Leave(string? client)
    {
        if (client is null)
        {
            GiveFlat();
        }
        else
        {
            Give(Flat, client);
        }
    }

    /// <summary>Takes what is there at once; false = it is not.</summary>
    public bool TryTake(long bytes, string client)
    {
        lock (_gate)
        {
            return !IsSomebodyKeptWaiting() && TryGrant(bytes, client, isFlat: false);
        }
    }

    /// <summary>Takes after a short wait at most; false = nothing came free. Throws on cancellation, and then has taken nothing.</summary>
    public ValueTask<bool> TakeAsync(long bytes, string client, CancellationToken cancellationToken) =>
        TryTake(bytes, client) ? new(true) : WaitAsync(bytes, client, isFlat: false, cancellationToken);

    /// <summary>Gives back what was taken.</summary>
    public void Give(long bytes, string client)
    {
        lock (_gate)
        {
            var left = _byClient.GetValueOrDefault(client) - bytes;
            if (left > 0)
            {
                _byClient[client] = left;
            }
            else
            {
                _byClient.Remove(client);
            }

            Interlocked.Add(ref _used, -bytes);
            Serve();
        }
    }

    private void GiveFlat()
    {
        Interlocked.Add(ref _used, -Flat);

        // Whoever begins to wait counts itself first and looks once more after it.
        if (Volatile.Read(ref _waitingCount) > 0)
        {
            lock (_gate)
            {
                Serve();
            }
        }
    }

    private async ValueTask<bool> WaitAsync(long bytes, string client, bool isFlat, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting || _waiting.Count(w => w.Client == client) >= MostWaitingOfOneClient || bytes > Math.Min(LargeLimit, MostOfOneClient))
            {
                return false;
            }

            waiter = _waiting.AddLast(new Waiter(bytes, client, isFlat));
            Interlocked.Increment(ref _waitingCount);
            Serve();
        }

        try
        {
            await waiter.Value.Granted.Task.WaitAsync(LongestWait, time, cancellationToken).ConfigureAwait(false);
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
                Give(bytes, client);
            }

            throw;
        }
    }

    // False = it was granted meanwhile.
    private bool TryGiveUp(LinkedListNode<Waiter> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
            {
                return false;
            }

            // Whoever came behind it may want less.
            Remove(waiter);
            Serve();
            return true;
        }
    }

    // By the budget, that is: who waits for another request of the same client holds up nobody else.
    private bool IsSomebodyKeptWaiting()
    {
        foreach (var waiter in _waiting)
        {
            if (!IsOverShare(waiter.Bytes, waiter.Client))
            {
                return true;
            }
        }

        return false;
    }

    // Nobody overtakes whom the budget keeps waiting, but for the flat counts, which have a part of it to themselves.
    private void Serve()
    {
        var isFull = false;
        for (var waiter = _waiting.First; waiter is not null;)
        {
            var next = waiter.Next;
            var wanted = waiter.Value;
            if ((!isFull || wanted.IsFlat) && TryGrant(wanted.Bytes, wanted.Client, wanted.IsFlat))
            {
                Remove(waiter);
                wanted.Granted.SetResult();
            }
            else if (!IsOverShare(wanted.Bytes, wanted.Client))
            {
                if (wanted.IsFlat)
                {
                    return;
                }

                isFull = true;
            }

            waiter = next;
        }
    }

    private void Remove(LinkedListNode<Waiter> waiter)
    {
        _waiting.Remove(waiter);
        Interlocked.Decrement(ref _waitingCount);
    }

    private bool IsOverShare(long bytes, string client) => _byClient.GetValueOrDefault(client) + bytes > MostOfOneClient;

    private bool TryGrant(long bytes, string client, bool isFlat)
    {
        if (IsOverShare(bytes, client))
        {
            return false;
        }

        var limit = isFlat ? Limit : LargeLimit;
        if (Used + bytes > limit)
        {
            return false;
        }

        if (Interlocked.Add(ref _used, bytes) > limit)
        {
            Interlocked.Add(ref _used, -bytes);
            return false;
        }

        _byClient[client] = _byClient.GetValueOrDefault(client) + bytes;
        return true;
    }

    /// <summary>A taker in the queue.</summary>
    private sealed class Waiter(long bytes, string client, bool isFlat)
    {
        public long Bytes { get; } = bytes;

        public string Client { get; } = client;

        /// <summary>It is a request's flat count.</summary>
        public bool IsFlat { get; } = isFlat;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

namespace Synthwave.Chat.Memory;

/// <summary>
/// What all requests together may hold in memory at one time: bodies, buffered replies, drafts, what a stream holds back, what a door keeps for the object at a
/// stream's end. Every request in work counts flat; what it holds beyond that is taken piece by piece. When the budget is full a taker waits a short time, first
/// come, first served. An eighth of it is there for the flat counts alone, so that a few large requests do not keep out the many small ones, and one client's large
/// ones take half of it at most. Thread-safe.
/// </summary>
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

    /// <summary>The most that one client's large requests may hold together, bytes.</summary>
    public long MostOfOneClient => Limit / 2;

    // What is taken beyond the flat counts.
    private long LargeLimit => Limit - (Limit / 8);

    /// <summary>The limit where none is configured: three fifths of the memory this process may use, and 256 MiB at least.</summary>
    public static long Default() => Math.Max(256L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 5 * 3);

    /// <summary>Counts a request flat; false = there is no room for it.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Add(ref _used, Flat) <= Limit)
        {
            return true;
        }

        GiveFlat();
        return false;
    }

    /// <summary>The same with a short wait. Throws on cancellation.</summary>
    public ValueTask<bool> EnterAsync(CancellationToken cancellationToken) => TryEnter() ? new(true) : WaitAsync(Flat, null, cancellationToken);

    /// <summary>Ends a request's flat count.</summary>
    public void Leave() => GiveFlat();

    /// <summary>Takes what is there at once; false = it is not.</summary>
    public bool TryTake(long bytes, string client)
    {
        lock (_gate)
        {
            return !IsSomebodyKeptWaiting() && TryGrant(bytes, client);
        }
    }

    /// <summary>Takes after a short wait at most; false = nothing came free. Throws on cancellation, and then has taken nothing.</summary>
    public ValueTask<bool> TakeAsync(long bytes, string client, CancellationToken cancellationToken) =>
        TryTake(bytes, client) ? new(true) : WaitAsync(bytes, client, cancellationToken);

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

    private async ValueTask<bool> WaitAsync(long bytes, string? client, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting || (client is not null && _waiting.Count(w => w.Client == client) >= MostWaitingOfOneClient) || bytes > (client is null ? Limit : Math.Min(LargeLimit, MostOfOneClient)))
            {
                return false;
            }

            waiter = _waiting.AddLast(new Waiter(bytes, client));
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
                GiveBack(waiter.Value);
            }

            throw;
        }
    }

    private void GiveBack(Waiter granted)
    {
        if (granted.Client is { } client)
        {
            Give(granted.Bytes, client);
        }
        else
        {
            GiveFlat();
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
            if (waiter.Client is not { } client || !IsOverShare(waiter.Bytes, client))
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
            if ((!isFull || waiter.Value.Client is null) && TryGrant(waiter.Value.Bytes, waiter.Value.Client))
            {
                Remove(waiter);
                waiter.Value.Granted.SetResult();
            }
            else if (waiter.Value.Client is not { } client)
            {
                return;
            }
            else
            {
                isFull |= !IsOverShare(waiter.Value.Bytes, client);
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

    private bool TryGrant(long bytes, string? client)
    {
        if (client is not null && IsOverShare(bytes, client))
        {
            return false;
        }

        // Looked at first, so that what cannot be had is not in anybody's way for a moment.
        var limit = client is null ? Limit : LargeLimit;
        if (Used + bytes > limit)
        {
            return false;
        }

        if (Interlocked.Add(ref _used, bytes) > limit)
        {
            Interlocked.Add(ref _used, -bytes);
            return false;
        }

        if (client is not null)
        {
            _byClient[client] = _byClient.GetValueOrDefault(client) + bytes;
        }

        return true;
    }

    /// <summary>A taker in the queue; without a client it is a request's flat count.</summary>
    private sealed class Waiter(long bytes, string? client)
    {
        public long Bytes { get; } = bytes;

        public string? Client { get; } = client;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

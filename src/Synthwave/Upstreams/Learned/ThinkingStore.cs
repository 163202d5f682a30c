namespace Synthwave.Upstreams.Learned;

/// <summary>
/// What all upstreams together keep of what models thought. Bounded in bytes and in the time since it was last asked for; the longest unasked go first, whichever upstream they
/// are of. One a process, so that its bound is a part of <c>max_memory_mb</c> whatever the number of upstreams. Thread-safe.
/// </summary>
internal sealed class ThinkingStore(TimeProvider time)
{
    /// <summary>What it takes where there is plenty, bytes.</summary>
    public const long MostBytes = 32L * 1024 * 1024;

    /// <summary>What an entry costs beside its texts, about.</summary>
    public const int EntryBytes = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(ThinkingMemory Of, string CallId), LinkedListNode<Entry>> _byId = [];
    private readonly LinkedList<Entry> _byAge = new();
    private long _limit = MostBytes;
    private long _bytes;

    /// <summary>Bytes; what is beyond them is let go.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            Volatile.Write(ref _limit, value);
            lock (_gate)
            {
                Shrink();
            }
        }
    }

    /// <summary>Bytes kept now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The memory of one upstream, which keeps nothing yet.</summary>
    public ThinkingMemory Open() => new(this, time);

    /// <summary>Keeps an entry in place of one of the same name. One that is larger than all there may be is not kept.</summary>
    public void Keep(Entry entry)
    {
        if (entry.Bytes > Limit)
        {
            return;
        }

        lock (_gate)
        {
            Drop((entry.Of, entry.CallId));
            _byId[(entry.Of, entry.CallId)] = _byAge.AddLast(entry with { At = time.GetTimestamp() });
            entry.Of.Count++;
            Interlocked.Add(ref _bytes, entry.Bytes);
            Shrink();
        }
    }

    /// <summary>Null = not kept, or no longer, or <paramref name="isMeant"/> says that it is another's. Its time begins anew.</summary>
    public Entry? Find(ThinkingMemory of, string callId, Func<Entry, bool> isMeant)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue((of, callId), out var node) || !isMeant(node.Value))
            {
                return null;
            }

            if (IsOver(node.Value))
            {
                Drop((of, callId));
                return null;
            }

            node.ValueRef = node.Value with { At = time.GetTimestamp() };
            _byAge.Remove(node);
            _byAge.AddLast(node);
            return node.Value;
        }
    }

    /// <summary>Forgets what <paramref name="which"/> says of one upstream.</summary>
    public void Forget(ThinkingMemory of, Func<Entry, bool> which)
    {
        lock (_gate)
        {
            foreach (var id in _byAge.Where(e => e.Of == of && which(e)).Select(static e => e.CallId).ToList())
            {
                Drop((of, id));
            }
        }
    }

    private bool IsOver(Entry entry) => time.GetElapsedTime(entry.At) > ThinkingMemory.Lifetime;

    private void Shrink()
    {
        while (_byAge.First is { } oldest && (_bytes > Limit || IsOver(oldest.Value)))
        {
            Drop((oldest.Value.Of, oldest.Value.CallId));
        }
    }

    private void Drop((ThinkingMemory Of, string CallId) key)
    {
        if (_byId.Remove(key, out var node))
        {
            _byAge.Remove(node);
            key.Of.Count--;
            Interlocked.Add(ref _bytes, -node.Value.Bytes);
        }
    }

    /// <summary>What is kept of one call.</summary>
    /// <param name="Of">The upstream's.</param>
    /// <param name="CallId">The name it is found by.</param>
    /// <param name="Blocks">JSON that must not change.</param>
    /// <param name="Owner">The client; null = one that shows no credential.</param>
    /// <param name="Earlier">Prints of the conversation, of which one must be known to whoever asks. Null = the name alone is enough.</param>
    public sealed record Entry(ThinkingMemory Of, string CallId, ReadOnlyMemory<byte> Blocks, string? Owner, long[]? Earlier)
    {
        /// <summary>When it was last asked for, a timestamp.</summary>
        public long At { get; init; }

        public long Bytes => EntryBytes + (CallId.Length * sizeof(char)) + Blocks.Length + ((Earlier?.Length ?? 0) * sizeof(long));

        /// <summary>Whether it belongs to a conversation in which this was said. One that began with it belongs to those that do, too.</summary>
        public bool IsOf(IReadOnlySet<long>? earlier) => Earlier is null || (Earlier.Length == 0 ? earlier is null or { Count: 0 } : earlier is not null && Array.Exists(Earlier, earlier.Contains));
    }
}

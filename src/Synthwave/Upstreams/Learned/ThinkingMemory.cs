namespace Synthwave.Upstreams.Learned;

/// <summary>
/// What a model thought before its tool calls, by call. Its provider wants that back, unchanged, with the call; clients of the chat API seldom send it.
/// Bounded in entries, bytes and the time since they were last asked for, the longest unasked go first; per process, so that another replica goes on without
/// them. Thread-safe.
/// </summary>
internal sealed class ThinkingMemory(TimeProvider time)
{
    public const int MostEntries = 4096;
    public const long MostBytes = 16L * 1024 * 1024;

    /// <summary>Longer than a tool may reasonably take, shorter than anybody could want to keep thoughts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();
    private volatile string? _member;
    private volatile bool _hasNameless;
    private volatile bool _isRefused;
    private long _bytes;

    /// <summary>The member in which the upstream has shown its reasoning; null = it has shown none yet, or wants none back.</summary>
    public string? Member => _isRefused ? null : _member;

    /// <summary>Some call had no id of its own, so that it is kept under what it calls.</summary>
    public bool HasNameless
    {
        get => _hasNameless;
        set => _hasNameless = value;
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _byId.Count == 0;
            }
        }
    }

    /// <summary>The upstream does not take back what it gave: from now on nothing is kept for it.</summary>
    public void Refuse()
    {
        _isRefused = true;
        lock (_gate)
        {
            _byId.Clear();
            _byAge.Clear();
            _bytes = 0;
        }
    }

    /// <summary>Notes that the upstream gives its reasoning in a member. What most call <c>reasoning_content</c> wins over other names.</summary>
    public void NoteMember(string name)
    {
        if (_member is null || (name == "reasoning_content" && _member != name))
        {
            _member = name;
        }
    }

    /// <summary>Keeps <paramref name="blocks"/>, JSON that must not change afterwards.</summary>
    public void Keep(string callId, ReadOnlyMemory<byte> blocks)
    {
        if (blocks.Length > MostBytes || _isRefused)
        {
            return;
        }

        lock (_gate)
        {
            Drop(callId);
            _byId[callId] = _byAge.AddLast(new Entry(callId, blocks, time.GetTimestamp()));
            _bytes += blocks.Length;
            while (_byAge.First is { } oldest && (_bytes > MostBytes || _byId.Count > MostEntries || time.GetElapsedTime(oldest.Value.At) > Lifetime))
            {
                Drop(oldest.Value.CallId);
            }
        }
    }

    /// <summary>Null = not kept, or no longer. What is found stays: a conversation that goes on must not change where it begins.</summary>
    public ReadOnlyMemory<byte>? Find(string callId)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(callId, out var node))
            {
                return null;
            }

            if (time.GetElapsedTime(node.Value.At) > Lifetime)
            {
                Drop(callId);
                return null;
            }

            node.ValueRef = node.Value with { At = time.GetTimestamp() };
            _byAge.Remove(node);
            _byAge.AddLast(node);
            return node.Value.Blocks;
        }
    }

    private void Drop(string callId)
    {
        if (_byId.Remove(callId, out var node))
        {
            _byAge.Remove(node);
            _bytes -= node.Value.Blocks.Length;
        }
    }

    private sealed record Entry(string CallId, ReadOnlyMemory<byte> Blocks, long At);
}

using System.Collections.Immutable;

namespace Synthwave.Upstreams.Learned;

/// <summary>
/// What a model thought before its tool calls, by call. Its provider wants that back, unchanged, with the call; clients of the chat API seldom send it.
/// Bounded in entries, bytes and the time since they were last asked for, the longest unasked go first; per process, so that another replica goes on without
/// them. Names of calls begin with the client they belong to, so that nobody finds what is another's. Thread-safe.
/// </summary>
internal sealed class ThinkingMemory(TimeProvider time)
{
    public const int MostEntries = 4096;
    public const long MostBytes = 16L * 1024 * 1024;

    /// <summary>Longer than a tool may reasonably take, shorter than anybody could want to keep thoughts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const int MostRefusals = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();
    private volatile string? _member;
    private volatile bool _hasNameless;
    private volatile ImmutableDictionary<string, long> _refusals = ImmutableDictionary<string, long>.Empty;
    private long _bytes;

    /// <summary>The member in which the upstream has shown its reasoning; null = it has shown none yet, or wants none back of <paramref name="owner"/>.</summary>
    public string? MemberFor(string? owner) => _member is { } member && !IsRefusedBy(owner) ? member : null;

    /// <summary>Whether the upstream did not take back what it gave, within the last hour, in a call of <paramref name="owner"/>.</summary>
    public bool IsRefusedBy(string? owner) => _refusals.TryGetValue(owner ?? "", out var at) && time.GetElapsedTime(at) <= Lifetime;

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

    /// <summary>
    /// The upstream does not take back what it gave: for the time being nothing is kept for it in the name of <paramref name="owner"/>. Others learn it by themselves, for
    /// what a client writes may be what was refused.
    /// </summary>
    public void Refuse(string? owner)
    {
        lock (_gate)
        {
            _refusals = (_refusals.Count < MostRefusals ? _refusals : ImmutableDictionary<string, long>.Empty).SetItem(owner ?? "", time.GetTimestamp());
            foreach (var id in _byAge.Where(e => e.Owner == owner).Select(static e => e.CallId).ToList())
            {
                Drop(id);
            }
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
    /// <param name="callId">The name it is found by.</param>
    /// <param name="blocks">What is kept.</param>
    /// <param name="owner">The client; null = one that shows no credential.</param>
    /// <param name="earlier">Prints of the conversation, of which one must be known to whoever asks; they must not change afterwards. Null = the name alone is enough.</param>
    public void Keep(string callId, ReadOnlyMemory<byte> blocks, string? owner = null, long[]? earlier = null)
    {
        if (blocks.Length > MostBytes || IsRefusedBy(owner))
        {
            return;
        }

        lock (_gate)
        {
            Drop(callId);
            _byId[callId] = _byAge.AddLast(new Entry(callId, blocks, owner, earlier, time.GetTimestamp()));
            _bytes += blocks.Length;
            while (_byAge.First is { } oldest && (_bytes > MostBytes || _byId.Count > MostEntries || time.GetElapsedTime(oldest.Value.At) > Lifetime))
            {
                Drop(oldest.Value.CallId);
            }
        }
    }

    /// <summary>Null = not kept, or no longer. What is found stays: a conversation that goes on must not change where it begins.</summary>
    /// <param name="callId">The name.</param>
    /// <param name="earlier">Prints of the conversation that asks; null = none.</param>
    public ReadOnlyMemory<byte>? Find(string callId, IReadOnlySet<long>? earlier = null)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(callId, out var node) || !node.Value.IsOf(earlier))
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

    private sealed record Entry(string CallId, ReadOnlyMemory<byte> Blocks, string? Owner, long[]? Earlier, long At)
    {
        /// <summary>Whether it belongs to a conversation in which this was said. One that began with it belongs to those that do, too.</summary>
        public bool IsOf(IReadOnlySet<long>? earlier) => Earlier is null || (Earlier.Length == 0 ? earlier is null or { Count: 0 } : earlier is not null && Array.Exists(Earlier, earlier.Contains));
    }
}

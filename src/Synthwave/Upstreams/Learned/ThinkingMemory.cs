using System.Collections.Immutable;

namespace Synthwave.Upstreams.Learned;

/// <summary>
/// What an upstream's model thought before its tool calls, by call. Its provider wants that back, unchanged, with the call; clients of the chat API seldom send it.
/// Kept in the <see cref="ThinkingStore"/> of the process, so that another replica goes on without it. Names of calls begin with the client they belong to, so that nobody
/// finds what is another's. Thread-safe.
/// </summary>
internal sealed class ThinkingMemory
{
    /// <summary>Longer than a tool may reasonably take, shorter than anybody could want to keep thoughts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const int MostRefusals = 1024;

    private readonly ThinkingStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile string? _member;
    private volatile bool _hasNameless;
    private volatile ImmutableDictionary<string, long> _refusals = ImmutableDictionary<string, long>.Empty;
    private int _count;

    /// <summary>For <see cref="ThinkingStore.Open"/>.</summary>
    public ThinkingMemory(ThinkingStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <summary>What is kept of this upstream; counted by the store.</summary>
    public int Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    /// <summary>The member in which the upstream has shown its reasoning; null = it has shown none yet, or wants none back of <paramref name="owner"/>.</summary>
    public string? MemberFor(string? owner) => _member is { } member && !IsRefusedBy(owner) ? member : null;

    /// <summary>Whether the upstream did not take back what it gave, within the last hour, in a call of <paramref name="owner"/>.</summary>
    public bool IsRefusedBy(string? owner) => _refusals.TryGetValue(owner ?? "", out var at) && _time.GetElapsedTime(at) <= Lifetime;

    /// <summary>Some call had no id of its own, so that it is kept under what it calls.</summary>
    public bool HasNameless
    {
        get => _hasNameless;
        set => _hasNameless = value;
    }

    public bool IsEmpty => Count == 0;

    /// <summary>
    /// The upstream does not take back what it gave: for the time being nothing is kept for it in the name of <paramref name="owner"/>. Others learn it by themselves, for
    /// what a client writes may be what was refused.
    /// </summary>
    public void Refuse(string? owner)
    {
        lock (_gate)
        {
            _refusals = (_refusals.Count < MostRefusals ? _refusals : ImmutableDictionary<string, long>.Empty).SetItem(owner ?? "", _time.GetTimestamp());
        }

        _store.Forget(this, e => e.Owner == owner);
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
        if (!IsRefusedBy(owner))
        {
            _store.Keep(new(this, callId, blocks, owner, earlier));
        }
    }

    /// <summary>Null = not kept, or no longer. What is found stays: a conversation that goes on must not change where it begins.</summary>
    /// <param name="callId">The name.</param>
    /// <param name="earlier">Prints of the conversation that asks; null = none.</param>
    public ReadOnlyMemory<byte>? Find(string callId, IReadOnlySet<long>? earlier = null) => _store.Find(this, callId, e => e.IsOf(earlier))?.Blocks;

    /// <summary>Forgets everything: the upstream is there no more.</summary>
    public void Clear() => _store.Forget(this, static _ => true);
}

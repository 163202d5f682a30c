namespace Synthwave.Upstreams.Learned;

/// <summary>
/// Signed thinking blocks by the tool call they led to. Their provider wants them back, unchanged, with the call; clients of the chat API never send them.
/// Bounded in entries, bytes and age, the oldest go first; per process, so that another replica goes on without them. Thread-safe.
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
    private long _bytes;

    /// <summary>Keeps <paramref name="blocks"/>, a JSON array that must not change afterwards.</summary>
    public void Keep(string callId, ReadOnlyMemory<byte> blocks)
    {
        if (blocks.Length > MostBytes)
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

    /// <summary>Null = not kept, or no longer.</summary>
    public ReadOnlyMemory<byte>? Find(string callId)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(callId, out var node) && time.GetElapsedTime(node.Value.At) <= Lifetime ? node.Value.Blocks : default(ReadOnlyMemory<byte>?);
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

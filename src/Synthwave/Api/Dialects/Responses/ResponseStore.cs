using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>A response that can be asked for again. Its output is kept once, in the turn.</summary>
/// <param name="Id">Of the response.</param>
/// <param name="Owner">Who alone may ask for it; null = all who show no credential.</param>
/// <param name="Json">The object, without its output.</param>
/// <param name="Turn">What the conversation goes on from.</param>
/// <param name="Said">What was said in it: whoever has the response in hand can tell it to its end.</param>
/// <param name="Steps">How it was told.</param>
/// <param name="Bytes">What it takes.</param>
internal sealed record StoredResponse(string Id, string? Owner, ReadOnlyMemory<byte> Json, ResponseTurn Turn, ResponseTurn.Items Said, ResponseSteps Steps, long Bytes)
{
    /// <summary>The object as it was told, put together.</summary>
    public ReadOnlyMemory<byte> Whole()
    {
        var output = new ArrayBufferWriter<byte>(Said.Output.Length + 2);
        output.Write("["u8, Said.Output.Span, "]"u8);
        var text = new ArrayBufferWriter<byte>(256);
        text.Write("\""u8);
        using (var items = JsonReading.Document(output.WrittenMemory))
        {
            foreach (var item in items.RootElement.EnumerateArray())
            {
                if (item.Is("type"u8, "message"u8) && item.Has("content"u8, JsonValueKind.Array, out var parts))
                {
                    foreach (var part in parts.EnumerateArray())
                    {
                        text.Write(part.Is("type"u8, "output_text"u8) && part.TryGet("text"u8, out var said) ? said.RawText() : default);
                    }
                }
            }
        }

        text.Write("\""u8);
        var edits = new JsonEdits();
        edits.SetMember(Json.Span, "output"u8, output.WrittenMemory);
        edits.SetMember(Json.Span, "output_text"u8, text.WrittenMemory);
        var whole = new ArrayBufferWriter<byte>(Json.Length + output.WrittenCount + text.WrittenCount);
        edits.Apply(Json.Span, whole);
        return whole.WrittenMemory;
    }
}

/// <summary>
/// Responses kept in memory, for <c>previous_response_id</c> and <c>GET /v1/responses/{id}</c>: bounded in bytes, the oldest go first, each for a limited
/// time after it was last used: continuing it, or referring to its items, begins that time anew, for it and the turns before it. What is deleted or over is gone from the
/// conversations that went on from it too. One that had to make room keeps its place in them, as long as they last. Each belongs to the credential that made it, and to others it is as if it were not there. Belongs to this process: another replica knows nothing of it, and so
/// do the prints of owners. Thread-safe.
/// </summary>
internal sealed class ResponseStore(TimeProvider time) : IDisposable
{
    /// <summary>What an entry costs beside its texts, about.</summary>
    public const int EntryBytes = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredResponse> _byAge = new();
    private long _limit = 64L * 1024 * 1024;
    private long _bytes;
    private ITimer? _sweep;

    /// <summary>Bytes; the oldest beyond them are let go.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            lock (_gate)
            {
                _limit = value;
                Shrink();
            }
        }
    }

    /// <summary>Bytes kept now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Count;
            }
        }
    }

    public static GatewayError NotFound(string? param = null) =>
        new(404, "response_not_found", "No such response is kept here: it was never stored, has expired or was deleted, or another replica answered it.") { Param = param };

    /// <summary>Keeps a response, and lets go of the oldest until they are within <see cref="Limit"/>. One that is larger by itself is not kept.</summary>
    public void Add(string id, string? owner, ReadOnlyMemory<byte> json, ResponseTurn turn, ResponseSteps steps, TimeSpan lifetime)
    {
        // A chain is counted whole at every link, so that turns kept alive by later ones are never uncounted.
        var bytes = json.Length + turn.Bytes + steps.Bytes;
        if (bytes > Limit || turn.Said is not { } said)
        {
            return;
        }

        lock (_gate)
        {
            var key = ItemIds.KeyOf(id);
            Drop(key, isGone: false);
            turn.Lifetime = lifetime;
            turn.Node = _byKey[key] = _byAge.AddLast(new StoredResponse(id, owner, json, turn, said, steps, bytes));
            _bytes += bytes;
            Use(turn);
            DropExpired();
            Shrink();
            Schedule();
        }
    }

    /// <summary>Begins the time of a response anew, and that of all it goes on from. False = one of them is gone.</summary>
    public bool TryUse(ResponseTurn turn)
    {
        lock (_gate)
        {
            for (var each = turn; each is not null; each = each.Previous)
            {
                if (each.Said is null || each.ExpiresAt <= time.GetTimestamp())
                {
                    return false;
                }
            }

            Use(turn);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _sweep?.Dispose();
            _sweep = null;
        }
    }

    /// <summary>Null = not kept for <paramref name="owner"/>, or no longer.</summary>
    public StoredResponse? Find(string id, string? owner) => FindByKey(ItemIds.KeyOf(id), owner) is { } found && found.Id == id ? found : null;

    /// <summary>The response of <paramref name="owner"/> whose items' ids have this in common (<see cref="ItemIds"/>).</summary>
    public StoredResponse? FindByKey(string key, string? owner)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var node) || node.Value.Owner != owner)
            {
                return null;
            }

            if (node.Value.Turn.ExpiresAt > time.GetTimestamp())
            {
                return node.Value;
            }

            Drop(key, isGone: true);
            return null;
        }
    }

    /// <summary>False = there was none.</summary>
    public bool Remove(string id, string? owner)
    {
        lock (_gate)
        {
            return Find(id, owner) is not null && Drop(ItemIds.KeyOf(id), isGone: true);
        }
    }

    private void Use(ResponseTurn turn)
    {
        var now = time.GetTimestamp();
        for (var each = turn; each is not null; each = each.Previous)
        {
            each.ExpiresAt = now + (long)(each.Lifetime.TotalSeconds * time.TimestampFrequency);
            if (each != turn && each.Node is { } node)
            {
                _byAge.Remove(node);
                _byAge.AddLast(node);
            }
        }

        if (turn.Node is { } newest)
        {
            _byAge.Remove(newest);
            _byAge.AddLast(newest);
        }
    }

    private void Shrink()
    {
        while (_byAge.First is { } oldest && _bytes > _limit)
        {
            Drop(ItemIds.KeyOf(oldest.Value.Id), isGone: false);
        }
    }

    private void DropExpired()
    {
        while (_byAge.First is { } oldest && oldest.Value.Turn.ExpiresAt <= time.GetTimestamp())
        {
            Drop(ItemIds.KeyOf(oldest.Value.Id), isGone: true);
        }
    }

    // What nobody asks for any more goes in time too: looked for when the oldest is over, and not more often than once a second.
    private void Schedule()
    {
        if (_byAge.First is not { } oldest)
        {
            return;
        }

        var left = time.GetElapsedTime(time.GetTimestamp(), oldest.Value.Turn.ExpiresAt);
        var wait = left < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1);
        _sweep ??= time.CreateTimer(static store => ((ResponseStore)store!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _sweep.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        lock (_gate)
        {
            if (_sweep is not null)
            {
                DropExpired();
                Schedule();
            }
        }
    }

    // One that is gone says nothing any more in the conversations behind it; one that only made room does.
    private bool Drop(string key, bool isGone)
    {
        if (!_byKey.Remove(key, out var node))
        {
            return false;
        }

        node.Value.Turn.Node = null;
        if (isGone)
        {
            node.Value.Turn.Forget();
        }

        _byAge.Remove(node);
        _bytes -= node.Value.Bytes;
        return true;
    }
}

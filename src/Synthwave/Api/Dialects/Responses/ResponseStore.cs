using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// One exchange of a conversation: its own items and the turn before it. A turn keeps its ancestors alive, also when their ids are no longer to be had.
/// </summary>
/// <param name="previous">Null = the conversation begins here.</param>
/// <param name="input">Input items, each a JSON object or string, separated by commas.</param>
/// <param name="output">Output items, separated by commas.</param>
internal sealed class ResponseTurn(ResponseTurn? previous, ReadOnlyMemory<byte> input, ReadOnlyMemory<byte> output)
{
    public ResponseTurn? Previous { get; } = previous;

    public ReadOnlyMemory<byte> Input { get; } = input;

    public ReadOnlyMemory<byte> Output { get; } = output;

    /// <summary>All turns up to this one, bytes.</summary>
    public long Bytes { get; } = input.Length + output.Length + ResponseStore.EntryBytes + (previous?.Bytes ?? 0);
}

/// <summary>A response that can be asked for again. Its output is kept once, in the turn.</summary>
/// <param name="Id">Of the response.</param>
/// <param name="Owner">Who alone may ask for it; null = all who show no credential.</param>
/// <param name="Json">The object, without its output.</param>
/// <param name="Turn">What the conversation goes on from.</param>
/// <param name="Steps">How it was told.</param>
/// <param name="ExpiresAt">A timestamp.</param>
/// <param name="Bytes">What it takes.</param>
internal sealed record StoredResponse(string Id, string? Owner, ReadOnlyMemory<byte> Json, ResponseTurn Turn, ResponseSteps Steps, long ExpiresAt, long Bytes)
{
    /// <summary>The object as it was told, put together.</summary>
    public ReadOnlyMemory<byte> Whole()
    {
        var output = new ArrayBufferWriter<byte>(Turn.Output.Length + 2);
        output.Write("["u8, Turn.Output.Span, "]"u8);
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
/// time. Each belongs to the credential that made it, and to others it is as if it were not there. Belongs to this process: another replica knows nothing of it, and so
/// do the prints of owners. Thread-safe.
/// </summary>
internal sealed class ResponseStore(TimeProvider time)
{
    /// <summary>What an entry costs beside its texts, about.</summary>
    public const int EntryBytes = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredResponse> _byAge = new();
    private long _bytes;

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

    /// <summary>Keeps a response, and lets go of the oldest until <paramref name="mostBytes"/> hold. One that is larger by itself is not kept.</summary>
    public void Add(string id, string? owner, ReadOnlyMemory<byte> json, ResponseTurn turn, ResponseSteps steps, long mostBytes, TimeSpan lifetime)
    {
        // A chain is counted whole at every link, so that turns kept alive by later ones are never uncounted.
        var bytes = json.Length + turn.Bytes + steps.Bytes;
        if (bytes > mostBytes)
        {
            return;
        }

        var expires = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        lock (_gate)
        {
            var key = ItemIds.KeyOf(id);
            Drop(key);
            _byKey[key] = _byAge.AddLast(new StoredResponse(id, owner, json, turn, steps, expires, bytes));
            _bytes += bytes;
            while (_byAge.First is { } oldest && (_bytes > mostBytes || oldest.Value.ExpiresAt <= time.GetTimestamp()))
            {
                Drop(ItemIds.KeyOf(oldest.Value.Id));
            }
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

            if (node.Value.ExpiresAt > time.GetTimestamp())
            {
                return node.Value;
            }

            Drop(key);
            return null;
        }
    }

    /// <summary>False = there was none.</summary>
    public bool Remove(string id, string? owner)
    {
        lock (_gate)
        {
            return Find(id, owner) is not null && Drop(ItemIds.KeyOf(id));
        }
    }

    private bool Drop(string key)
    {
        if (!_byKey.Remove(key, out var node))
        {
            return false;
        }

        _byAge.Remove(node);
        _bytes -= node.Value.Bytes;
        return true;
    }
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Admission;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// All items of a conversation in order: those of earlier turns, then the request's own, references replaced by what they refer to. Holds documents until it is
/// disposed.
/// </summary>
/// <param name="store">Where earlier turns and referenced items are kept.</param>
/// <param name="owner">Whose; null = those of clients who show no credential.</param>
/// <param name="mostBytes">What references may grow to, together.</param>
/// <param name="memory">The request's, for what it does not bring along itself.</param>
internal sealed class ResponsesHistory(ResponseStore store, string? owner, long mostBytes, MemoryShare memory) : IDisposable
{
    private readonly List<InputItem> _items = [];
    private readonly List<JsonDocument> _documents = [];
    private readonly Dictionary<string, (JsonElement[] Input, JsonElement[] Output)> _referenced = new(StringComparer.Ordinal);
    private long _referencedBytes;
    private long _openBytes;
    private GatewayError? _noMemory;

    private static GatewayError TooLarge { get; } =
        new(413, "request_too_large", "The conversation takes more memory to read than this server has for one client. Begin a new one, or send what matters of it.");

    public IReadOnlyList<InputItem> Items => _items;

    /// <summary>Takes what <c>previous_response_id</c> and <c>input</c> say. Null = fine.</summary>
    public GatewayError? Read(JsonElement root, ResponseTurn? previous)
    {
        return AddEarlier(previous) ?? (root.Has("input"u8, out var input) ? AddInput(input) : null);
    }

    /// <summary>The request's own items, separated by commas. References stay what they are: what they refer to must not outlive its own response.</summary>
    public ReadOnlyMemory<byte> OwnItems()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        foreach (var item in _items)
        {
            if (item.Position >= 0)
            {
                output.Write(output.WrittenCount > 0 ? ","u8 : default, item.Given.Raw(), default);
            }
        }

        return output.WrittenMemory;
    }

    /// <summary>Closes the documents. What was made of them stays taken, until the request is over.</summary>
    public void Dispose()
    {
        _documents.ForEach(static d => d.Dispose());
        _documents.Clear();
        memory.Give(_openBytes);
        _openBytes = 0;
    }

    private GatewayError? AddEarlier(ResponseTurn? previous)
    {
        var turns = new Stack<ResponseTurn>();
        for (var turn = previous; turn is not null; turn = turn.Previous)
        {
            turns.Push(turn);
        }

        while (turns.TryPop(out var turn))
        {
            if (turn.Said is not { } said)
            {
                return ResponseStore.NotFound("previous_response_id");
            }

            foreach (var item in Open(said.Input))
            {
                var found = item;
                if (IdOfReference(item) is { } id && Resolve(id, "previous_response_id", out found) is { } problem)
                {
                    return problem;
                }

                _items.Add(new InputItem(found, InputItem.Earlier));
            }

            _items.AddRange(Open(said.Output).Select(static item => new InputItem(item, InputItem.Earlier)));
            if (_noMemory is not null)
            {
                return _noMemory;
            }
        }

        return null;
    }

    private GatewayError? AddInput(JsonElement input)
    {
        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                _items.Add(new(input, 0));
                return null;
            case JsonValueKind.Array:
                var position = 0;
                foreach (var item in input.EnumerateArray())
                {
                    var found = item;
                    if (IdOfReference(item) is { } id && Resolve(id, $"input[{position}].id", out found) is { } problem)
                    {
                        return problem;
                    }

                    _items.Add(new InputItem(found, position++) { Given = item });
                }

                return null;
            default:
                return GatewayError.BadRequest("invalid_input", "input must be a string or an array of items.", "input");
        }
    }

    // A reference need not say that it is one.
    private static JsonElement? IdOfReference(JsonElement item)
    {
        if (item.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        var isReference = item.Has("type"u8, out var type) ? type.IsText("item_reference"u8) : !item.Has("role"u8, out _) && !item.Has("content"u8, out _) && item.Has("id"u8, out _);
        return !isReference ? null : item.TryGet("id"u8, out var id) ? id : default(JsonElement);
    }

    private GatewayError? Resolve(JsonElement id, string param, out JsonElement item)
    {
        item = default;
        if (!id.TryGetText(out var text) || text.Length == 0)
        {
            return GatewayError.BadRequest("invalid_input_item", "An item_reference needs the id of an item.", param);
        }

        if (!ItemIds.TryParse(text, out var key, out var place) || Find(key, place, text) is not { } found)
        {
            return _noMemory ?? new GatewayError(
                404, "item_not_found", $"No item {JsonText.Excerpt(id.RawText())} is kept here: it was never stored, has expired or was deleted, or another replica gave it out. Send the item itself.")
            {
                Param = param,
            };
        }

        item = found;
        _referencedBytes += found.Raw().Length;
        return _referencedBytes > mostBytes ? new GatewayError(413, "request_too_large", "The items referred to are larger together than a request may be.") { Param = "input" } : null;
    }

    private JsonElement? Find(string key, int place, string id)
    {
        if (!_referenced.TryGetValue(key, out var items))
        {
            var referred = store.FindByKey(key, owner);
            _referenced[key] = items = referred is null || !store.TryUse(referred.Turn) ? ([], []) : (Open(referred.Said.Input), Open(referred.Said.Output));
        }

        var (list, index) = place < ItemIds.FirstInput ? (items.Output, place) : (items.Input, place - ItemIds.FirstInput);
        if (index >= list.Length)
        {
            return null;
        }

        // An input item goes by its own id, or by the one it was listed with.
        var own = list[index].FindText("id");
        return own == id || (own is null && place >= ItemIds.FirstInput) ? list[index] : null;
    }

    private JsonElement[] Open(ReadOnlyMemory<byte> items)
    {
        if (items.IsEmpty)
        {
            return [];
        }

        // The text once more, what the parser notes of it, and what it is translated to.
        var open = ParsedBody.Needed(items.Span);
        if (_noMemory is not null || !memory.TryTake(open + items.Length))
        {
            _noMemory ??= memory.Held + open + items.Length > memory.Most ? TooLarge : MemoryBudget.Full;
            return [];
        }

        _openBytes += open;
        var document = JsonReading.Document((byte[])[(byte)'[', .. items.Span, (byte)']']);
        _documents.Add(document);
        return [.. document.RootElement.EnumerateArray()];
    }
}

using System.Text;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>
/// What an upstream remembers, by the calls of one conversation of one client: kept with the reply that made a call, found when the call comes back. Calls are looked for
/// from front to back. Not thread-safe.
/// </summary>
internal sealed class CallMemory
{
    // Of a long conversation the newest part is enough to know it by.
    private const int MostEarlier = 64;

    private readonly ThinkingMemory _memory;
    private readonly string? _owner;
    private readonly HistoryIndex? _history;
    private readonly ConversationPlace? _places;
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private byte[] _place = [];
    private int _placeOf = -1;

    /// <summary>To find what is remembered of the calls in <paramref name="history"/>.</summary>
    public CallMemory(ThinkingMemory memory, HistoryIndex? history, string? owner)
    {
        (_memory, _owner, _history) = (memory, owner, history);
        _places = history is null ? null : new ConversationPlace(history);
    }

    /// <summary>To keep what belongs to the calls of one reply to <paramref name="asked"/>.</summary>
    public static CallMemory After(ThinkingMemory memory, Asking asked) => new(
        memory,
        asked.Conversation is { } body && body.TryGet("messages", out var messages) ? HistoryIndex.Read(messages) : null,
        asked.Owner);

    /// <summary>Notes that the reply has a call. False = its id is none, or that of a call before it.</summary>
    public bool TakeId(string? id) => !string.IsNullOrEmpty(id) && _given.Add(id);

    /// <summary>Keeps <paramref name="kept"/>, JSON that must not change afterwards, with a call of the reply.</summary>
    /// <param name="id">Null = the call has none of its own.</param>
    /// <param name="function">The name.</param>
    /// <param name="arguments">The text.</param>
    /// <param name="kept">JSON.</param>
    public void Keep(string? id, string function, string arguments, ReadOnlyMemory<byte> kept)
    {
        if (id is not null && CallPrint.IsUnique(id, function))
        {
            _memory.Keep(CallPrint.OfId(_owner, id, function), kept, _owner);
            return;
        }

        _memory.HasNameless |= id is null;
        var place = PlaceBefore(_history?.Messages.Count ?? 0);
        _memory.Keep(
            id is null ? CallPrint.OfCall(_owner, function, arguments, place) : CallPrint.OfId(_owner, id, function, arguments, place),
            kept,
            _owner,
            _places is null ? [] : [.. _places.Earlier.TakeLast(MostEarlier)]);
    }

    /// <summary>What is remembered of a call in the history; null = nothing, or not any more.</summary>
    /// <param name="position">Of its message.</param>
    /// <param name="call">Its number among all calls of the conversation.</param>
    public ReadOnlyMemory<byte>? Find(int position, int call)
    {
        if (_history is null)
        {
            return null;
        }

        var (range, id) = (_history.Calls[call], _history.IdOf(call));
        var function = JsonText.Unescape(_history.TextOf(range.Name));
        if (id is not null && CallPrint.IsUnique(id, function))
        {
            if (_memory.Find(CallPrint.OfId(_owner, id, function)) is { } known)
            {
                return known;
            }
        }
        else if (id is not null && _memory.Find(CallPrint.OfId(_owner, id, function, ArgumentsOf(range), PlaceBefore(position)), _places!.EarlierSet) is { } known)
        {
            return known;
        }

        // Its id may be one that was made for it on its way to the client.
        return _memory.HasNameless ? _memory.Find(CallPrint.OfCall(_owner, function, ArgumentsOf(range), PlaceBefore(position)), _places!.EarlierSet) : null;
    }

    private string ArgumentsOf(in HistoryCall call) => _history!.TextOf(call.Arguments) is var raw && raw is [(byte)'"', .. var inside, (byte)'"']
        ? JsonText.Unescape(inside)
        : Encoding.UTF8.GetString(raw);

    private byte[] PlaceBefore(int position)
    {
        if (_placeOf != position && _places is not null)
        {
            (_place, _placeOf) = (_places.Before(position), position);
        }

        return _place;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// The ids of one conversation's calls. The API's are unique, and its clients find what a call brought by its id alone; models that count their calls
/// (<c>call_0</c>) begin anew in every answer. An id that the conversation has already is given out with a mark behind it, and taken in without. Not thread-safe.
/// </summary>
internal sealed class MessageCallIds
{
    private const string Mark = "-again-";

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Notes a call of the conversation, front to back, and gives the id its model gave it, as it stands between quotes.</summary>
    /// <param name="id">A string.</param>
    public byte[] TakeIn(JsonElement id)
    {
        var known = Original(id.Text());
        _taken.Add(id.Text());
        return known is null ? id.RawText().ToArray() : JsonText.Quote(known).AsSpan(1..^1).ToArray();
    }

    /// <summary>The id under which a result names its call, as it stands between quotes.</summary>
    /// <param name="id">A string.</param>
    public byte[] OfResult(JsonElement id) => Original(id.Text()) is { } known ? JsonText.Quote(known).AsSpan(1..^1).ToArray() : id.RawText().ToArray();

    /// <summary>The id to give out for the next call of the answer, as it stands between quotes.</summary>
    /// <param name="escaped">Its model's; empty = none.</param>
    public byte[] OfNext(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IsEmpty)
        {
            return Encoding.ASCII.GetBytes(RandomHex.New(24, "toolu_"));
        }

        var id = JsonText.Unescape(escaped);
        if (_taken.Add(id))
        {
            return escaped.ToArray();
        }

        var turn = 2;
        string marked;
        while (!_taken.Add(marked = string.Create(CultureInfo.InvariantCulture, $"{id}{Mark}{turn}")))
        {
            turn++;
        }

        return JsonText.Quote(marked).AsSpan(1..^1).ToArray();
    }

    // Null = the id is its model's.
    private string? Original(string id)
    {
        var at = id.LastIndexOf(Mark, StringComparison.Ordinal);
        return at > 0 && id.AsSpan(at + Mark.Length) is { Length: > 0 } turn && turn.IndexOfAnyExceptInRange('0', '9') < 0 && _taken.Contains(id[..at]) ? id[..at] : null;
    }
}

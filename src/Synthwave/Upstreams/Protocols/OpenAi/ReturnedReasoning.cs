using Synthwave.Chat.Reasoning;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Gives an upstream the reasoning back that it gave beside its calls: the very members, unless the client sends them itself. Calls of others come with none,
/// which an upstream that shows its reasoning as <c>reasoning_content</c> may refuse: there the member says nothing. What a dialect knows of the reasoning
/// goes along where the upstream has shown in which member it wants it, and where nothing better is remembered. Used once, front to back.
/// </summary>
internal sealed class ReturnedReasoning(HistoryIndex history, ThinkingMemory memory)
{
    private readonly ConversationPlace _place = new(history);
    private readonly bool _remembersNothing = memory.IsEmpty;
    private readonly bool _hasDialectMember = MayHoldDialectMember(history.Json.Span);

    // Some want the member and take no empty text for it.
    private static ReadOnlyMemory<byte> Nothing { get; } = "\" \""u8.ToArray();

    public static bool MayHoldDialectMember(ReadOnlySpan<byte> messages) => messages.IndexOf("\"x_reasoning\""u8) >= 0;

    /// <summary>Adds the edits of one message.</summary>
    public void Edit(int position, JsonEdits edits)
    {
        var message = history.Messages[position];
        var followsOutput = position > 0 && history.Messages[position - 1].Role is HistoryRole.Tool;
        if (message.Role is not HistoryRole.Assistant || (message.CallCount == 0 && !followsOutput && !_hasDialectMember))
        {
            return;
        }

        var text = history.TextOf(message.Whole);
        var given = new List<string>(1);
        if (!_remembersNothing)
        {
            Restore(position, message, text, edits, given);
        }

        var dialect = _hasDialectMember ? JsonEdits.FindMember(text, "x_reasoning"u8, out _) : default;
        if (dialect.IsPresent)
        {
            edits.CutMembers(text, new(0, text.Length), [ReasoningMembers.OfDialect]);
            if (given.Count == 0 && memory.Member is { } member && dialect.Length > 2)
            {
                Set(text, member, dialect.In(text).ToArray(), edits, given);
            }
        }

        if (memory.Member == "reasoning_content" && (message.CallCount > 0 || followsOutput))
        {
            Set(text, "reasoning_content", Nothing, edits, given);
        }
    }

    private void Restore(int position, in HistoryMessage message, ReadOnlySpan<byte> text, JsonEdits edits, List<string> given)
    {
        byte[]? place = null;
        for (var i = message.FirstCall; i < message.FirstCall + message.CallCount; i++)
        {
            var call = history.Calls[i];
            if (Find(position, i, ref place) is not { } kept)
            {
                continue;
            }

            using var document = JsonReading.Document(kept);
            foreach (var member in document.RootElement.Get("message"u8).EnumerateObject())
            {
                Set(text, member.NameText(), member.Value.Raw().ToArray(), edits, given);
            }

            foreach (var member in document.RootElement.Get("call"u8).EnumerateObject())
            {
                var whole = history.TextOf(call.Whole);
                if (JsonEdits.FindMember(whole, member.RawName(), out var end).IsAbsent)
                {
                    edits.AppendMember(text, call.Whole.Start - message.Whole.Start + end, member.RawName(), member.Value.Raw().ToArray());
                }
            }
        }
    }

    private ReadOnlyMemory<byte>? Find(int position, int index, ref byte[]? place)
    {
        var (call, given) = (history.Calls[index], history.IdOf(index));
        var function = JsonText.Unescape(history.TextOf(call.Name));
        if (given is { } id && CallPrint.IsUnique(id, function))
        {
            if (memory.Find(CallPrint.OfId(id)) is { } known)
            {
                return known;
            }
        }
        else if (given is { } counted)
        {
            place ??= _place.Before(position);
            if (memory.Find(CallPrint.OfId(counted, place)) is { } known)
            {
                return known;
            }
        }

        // Its id may be one that was made for it on its way to the client.
        if (!memory.HasNameless)
        {
            return null;
        }

        place ??= _place.Before(position);
        var arguments = history.TextOf(call.Arguments);
        return memory.Find(CallPrint.OfCall(function, arguments is [(byte)'"', .. var inside, (byte)'"'] ? JsonText.Unescape(inside) : "", place));
    }

    // What the client says itself goes out as it came; a null or an empty text says nothing.
    private static void Set(ReadOnlySpan<byte> text, string name, ReadOnlyMemory<byte> value, JsonEdits edits, List<string> given)
    {
        if (given.Contains(name))
        {
            return;
        }

        given.Add(name);
        var utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        var own = JsonEdits.FindMember(text, utf8, out var end);
        if (own.IsAbsent)
        {
            edits.AppendMember(text, end, utf8, value);
        }
        else if (own.In(text) is [(byte)'n', ..] or [(byte)'"', (byte)'"'] or [(byte)'[', (byte)']'])
        {
            edits.Replace(own.Start, own.Length, value);
        }
    }
}

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
internal sealed class ReturnedReasoning(HistoryIndex history, ThinkingMemory memory, string? owner)
{
    private readonly CallMemory? _kept = memory.IsEmpty || memory.IsRefusedBy(owner) ? null : new CallMemory(memory, history, owner);
    private readonly string? _member = memory.MemberFor(owner);
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
        if (_kept is not null)
        {
            Restore(_kept, position, message, text, edits, given);
        }

        var dialect = _hasDialectMember ? JsonEdits.FindMember(text, "x_reasoning"u8, out _) : default;
        if (dialect.IsPresent)
        {
            edits.CutMembers(text, new(0, text.Length), [ReasoningMembers.OfDialect]);
            if (given.Count == 0 && _member is { } member && dialect.Length > 2)
            {
                Set(text, member, dialect.In(text).ToArray(), edits, given);
            }
        }

        if (_member == "reasoning_content" && (message.CallCount > 0 || followsOutput))
        {
            Set(text, "reasoning_content", Nothing, edits, given);
        }
    }

    private void Restore(CallMemory kept, int position, in HistoryMessage message, ReadOnlySpan<byte> text, JsonEdits edits, List<string> given)
    {
        for (var i = message.FirstCall; i < message.FirstCall + message.CallCount; i++)
        {
            var call = history.Calls[i];
            if (kept.Find(position, i) is not { } found)
            {
                continue;
            }

            using var document = JsonReading.Document(found);
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

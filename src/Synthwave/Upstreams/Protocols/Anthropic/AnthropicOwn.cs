using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// What a message says that a chat has no word for, on its way to a client of the same API: beside the chat's own words, as <c>x_anthropic</c>. A message
/// has its blocks there and a choice the message's further members; in a stream a delta has an event there, without its place. Other clients get none of it.
/// </summary>
internal static class AnthropicOwn
{
    /// <summary>Whether the client reads it.</summary>
    public static bool IsWanted(ChatBody? asked) => IsSaid(asked, "own_answer"u8);

    /// <summary>Whether it reads what is said at the end, why the message ended and what it used.</summary>
    public static bool IsEndWanted(ChatBody? asked) => IsWanted(asked) || IsSaid(asked, "own_end"u8);

    /// <summary>Whether a chat cannot say the same: blocks of other kinds, several texts, an order of their own, members of their own.</summary>
    public static bool NeedsBlocks(JsonElement content)
    {
        var last = 0;
        foreach (var block in content.EnumerateArray())
        {
            // Thinking, text, calls: that is the order a chat's are told in.
            var rank = block.Is("type"u8, "thinking"u8) || block.Is("type"u8, "redacted_thinking"u8) ? 1
                : block.Is("type"u8, "text"u8) ? 2
                : block.Is("type"u8, "tool_use"u8) ? 3
                : 0;
            if (rank == 0 || rank < last || (rank == 2 && last == 2) || SaysMore(block))
            {
                return block.ValueKind is JsonValueKind.Object;
            }

            last = rank;
        }

        return false;
    }

    /// <summary>Whether a text or a call has members that a chat's has not.</summary>
    public static bool SaysMore(JsonElement block)
    {
        var isText = block.Is("type"u8, "text"u8);
        if (!isText && !block.Is("type"u8, "tool_use"u8))
        {
            return false;
        }

        foreach (var member in block.EnumerateObject())
        {
            var isKnown = member.IsNamed("type"u8) || (isText ? member.IsNamed("text"u8) : member.IsNamed("id"u8) || member.IsNamed("name"u8) || member.IsNamed("input"u8));
            if (!isKnown && member.Value.ValueKind is not JsonValueKind.Null && !(isText && member.Value is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a choice's <c>x_anthropic</c> behind another member: why the message ended, in the API's word, and what it says beyond a chat.</summary>
    /// <param name="owners">Where the members stand; of a repeated name the last one that is not null counts.</param>
    /// <param name="output">Within the choice.</param>
    public static void WriteEnd(ReadOnlySpan<JsonElement> owners, IBufferWriter<byte> output)
    {
        var members = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var owner in owners)
        {
            Collect(owner, members);
        }

        WriteEnd(members, output);
    }

    /// <summary>The same of members that were collected.</summary>
    public static void WriteEnd(Dictionary<string, byte[]> members, IBufferWriter<byte> output)
    {
        output.Write(",\"x_anthropic\":"u8);
        WriteObject(members, output);
    }

    /// <summary>Adds the members of a message, or of an event about it, that a chat has no word for.</summary>
    public static void Collect(JsonElement owner, Dictionary<string, byte[]> members)
    {
        if (owner.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in owner.EnumerateObject())
        {
            if (member.TryGetName(out var name) && !IsOfChat(name) && (member.Value.ValueKind is not JsonValueKind.Null || !members.ContainsKey(name)))
            {
                members[name] = member.Value.Raw().ToArray();
            }
        }
    }

    /// <summary>Writes the members as an object.</summary>
    public static void WriteObject(Dictionary<string, byte[]> members, IBufferWriter<byte> output)
    {
        var separator = "{"u8;
        foreach (var (name, json) in members)
        {
            output.Write(separator, JsonText.Quote(name), ":"u8);
            output.Write(json);
            separator = ","u8;
        }

        output.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
    }

    private static bool IsSaid(ChatBody? asked, ReadOnlySpan<byte> name) =>
        asked is not null && asked.TryGet("x_anthropic", out var extension) && extension.Span is [(byte)'{', ..]
        && JsonEdits.FindMember(extension.Span, name, out _) is { IsPresent: true } wish && wish.In(extension.Span).SequenceEqual("true"u8);

    private static bool IsOfChat(string name) => name is "id" or "type" or "role" or "model" or "content" or "usage" or "delta" or "stop_sequence" or AnthropicHead.OwnAnswerMember;
}

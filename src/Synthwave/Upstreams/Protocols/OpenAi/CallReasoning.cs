using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Reasoning;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Remembers what a reply says beside its calls: the reasoning of the message, and members of the calls that providers sign them with. Both are kept as they
/// came.
/// </summary>
internal static class CallReasoning
{
    private static readonly string[] Signatures = ["extra_content", "provider_specific_fields"];

    /// <summary>Members of a call that belong to what the model thought.</summary>
    public static ReadOnlySpan<string> SignatureNames => Signatures;

    /// <summary>Whether a text may hold such a member.</summary>
    public static bool MayHoldSignature(ReadOnlySpan<byte> json) => json.IndexOf("\"extra_content\""u8) >= 0 || json.IndexOf("\"provider_specific_fields\""u8) >= 0;

    /// <summary>Keeps what a whole reply has.</summary>
    public static void Keep(Completion completion, ThinkingMemory memory, ChatBody? asked)
    {
        var json = completion.Json.Span;
        if (completion.Message is not { } message)
        {
            return;
        }

        if (message.HasReasoningText(json))
        {
            memory.NoteMember(message.ReasoningContent.IsPresent ? "reasoning_content" : "reasoning");
        }

        if (message.ToolCallCount == 0 || !(message.HasReasoningMember || MayHoldSignature(message.ToolCalls.In(json))))
        {
            return;
        }

        using var document = JsonReading.Document(message.Whole.In(completion.Json));
        var members = new ArrayBufferWriter<byte>();
        foreach (var name in ReasoningMembers.Names)
        {
            if (document.RootElement.TryGet(name, out var value) && SaysSomething(value))
            {
                WriteMember(members, name, value.Raw());
            }
        }

        var calls = ImmutableArray.CreateBuilder<RememberedCall>(message.ToolCallCount);
        foreach (var call in document.RootElement.Get("tool_calls"u8).EnumerateArray())
        {
            if (call.Has("function"u8, JsonValueKind.Object, out var function))
            {
                calls.Add(new(call.FindText("id"), function.FindText("name") ?? "", function.FindText("arguments") ?? "", SignaturesOf(call)));
            }
        }

        Keep(members.WrittenMemory, calls.ToImmutable(), memory, asked);
    }

    /// <summary>Keeps reasoning with the first call it led to, signatures each with its own.</summary>
    /// <param name="members">Members of the message, by commas; empty = none.</param>
    /// <param name="calls">The calls, in order.</param>
    /// <param name="memory">The upstream's.</param>
    /// <param name="asked">The conversation that was answered.</param>
    public static void Keep(ReadOnlyMemory<byte> members, ImmutableArray<RememberedCall> calls, ThinkingMemory memory, ChatBody? asked)
    {
        byte[]? place = null;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < calls.Length; i++)
        {
            var call = calls[i];
            var isKnown = !string.IsNullOrEmpty(call.Id) && ids.Add(call.Id);
            var reasoning = i == 0 ? members : default;
            if (reasoning.IsEmpty && call.Members.IsEmpty)
            {
                continue;
            }

            byte[] kept = [.. "{\"message\":{"u8, .. reasoning.Span, .. "},\"call\":{"u8, .. call.Members.Span, .. "}}"u8];
            if (isKnown && CallPrint.IsUnique(call.Id!, call.Function))
            {
                memory.Keep(CallPrint.OfId(call.Id!), kept);
                continue;
            }

            place ??= PlaceOf(asked);
            memory.HasNameless |= !isKnown;
            memory.Keep(isKnown ? CallPrint.OfId(call.Id!, place) : CallPrint.OfCall(call.Function, call.Arguments, place), kept);
        }
    }

    /// <summary>The signatures of a call, by commas; empty = none.</summary>
    public static ReadOnlyMemory<byte> SignaturesOf(JsonElement call)
    {
        var members = new ArrayBufferWriter<byte>();
        foreach (var name in SignatureNames)
        {
            if (call.TryGet(name, out var value) && SaysSomething(value))
            {
                WriteMember(members, name, value.Raw());
            }
        }

        return members.WrittenMemory;
    }

    public static void WriteMember(ArrayBufferWriter<byte> members, string name, ReadOnlySpan<byte> value)
    {
        members.Write(members.WrittenCount > 0 ? ","u8 : default);
        members.Write(JsonText.Quote(name));
        members.Write(":"u8);
        members.Write(value);
    }

    /// <summary>Whether a value is more than null, an empty text or an empty list.</summary>
    public static bool SaysSomething(JsonElement value) => value.ValueKind is not JsonValueKind.Null && value.Raw() is not ([(byte)'"', (byte)'"'] or [(byte)'[', (byte)']'] or [(byte)'{', (byte)'}']);

    private static byte[] PlaceOf(ChatBody? asked) =>
        asked is not null && asked.TryGet("messages", out var messages) && HistoryIndex.Read(messages) is { } history
            ? new ConversationPlace(history).Before(history.Messages.Count)
            : [];
}

/// <summary>A call as its model made it.</summary>
/// <param name="Id">Null or empty = none.</param>
/// <param name="Function">The name.</param>
/// <param name="Arguments">The text.</param>
/// <param name="Members">Its signatures, by commas; empty = none.</param>
internal readonly record struct RememberedCall(string? Id, string Function, string Arguments, ReadOnlyMemory<byte> Members);

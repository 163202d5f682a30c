using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
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
    public static void Keep(Completion completion, ThinkingMemory memory, Asking asked)
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
                calls.Add(new(call.FindText("id"), function.FindText("name") ?? "", ArgumentsOf(function), SignaturesOf(call)));
            }
        }

        Keep(members.WrittenMemory, calls.ToImmutable(), memory, asked);
    }

    /// <summary>Keeps reasoning with the first call it led to, signatures each with its own.</summary>
    /// <param name="members">Members of the message, by commas; empty = none.</param>
    /// <param name="calls">The calls, in order.</param>
    /// <param name="memory">The upstream's.</param>
    /// <param name="asked">The conversation that was answered.</param>
    public static void Keep(ReadOnlyMemory<byte> members, ImmutableArray<RememberedCall> calls, ThinkingMemory memory, Asking asked)
    {
        if (memory.IsRefusedBy(asked.Owner))
        {
            return;
        }

        var kept = CallMemory.After(memory, asked);
        for (var i = 0; i < calls.Length; i++)
        {
            var call = calls[i];
            var isKnown = kept.TakeId(call.Id);
            var reasoning = i == 0 ? members : default;
            if (reasoning.IsEmpty && call.Members.IsEmpty)
            {
                continue;
            }

            byte[] said = [.. "{\"message\":{"u8, .. reasoning.Span, .. "},\"call\":{"u8, .. call.Members.Span, .. "}}"u8];
            kept.Keep(isKnown ? call.Id : null, call.Function, call.Arguments, said);
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

    // Some send an object where a text belongs.
    private static string ArgumentsOf(JsonElement function) => !function.TryGet("arguments"u8, out var value) ? ""
        : value.ValueKind is JsonValueKind.String ? value.Text()
        : Encoding.UTF8.GetString(value.Raw());
}

/// <summary>A call as its model made it.</summary>
/// <param name="Id">Null or empty = none.</param>
/// <param name="Function">The name.</param>
/// <param name="Arguments">The text.</param>
/// <param name="Members">Its signatures, by commas; empty = none.</param>
internal readonly record struct RememberedCall(string? Id, string Function, string Arguments, ReadOnlyMemory<byte> Members);

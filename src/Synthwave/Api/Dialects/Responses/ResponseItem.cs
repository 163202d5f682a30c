using System.Buffers;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

internal enum ResponseItemKind { Reasoning, Message, Call }

/// <summary>One item of a response as it grows. Texts are kept as they stand between the quotes of a JSON string.</summary>
internal sealed class ResponseItem(ResponseItemKind kind, int position)
{
    public ResponseItemKind Kind { get; } = kind;

    /// <summary>Its <c>output_index</c>.</summary>
    public int Position { get; } = position;

    public required string Id { get; init; }

    /// <summary>Of a call: its index among the chat deltas.</summary>
    public int CallIndex { get; init; }

    /// <summary>Of a message: the text is a refusal.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Of reasoning: given also as <c>encrypted_content</c>.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Of reasoning: given as a summary, and not as the content.</summary>
    public bool IsSummary { get; init; }

    /// <summary>Of a call: its id as the model or the gateway gave it; empty = the item's own.</summary>
    public ReadOnlyMemory<byte> CallId { get; init; }

    /// <summary>Of a call: as the client declared the tool.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>Of a call: null = none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Of a call.</summary>
    public ResponseToolKind Tool { get; init; }

    /// <summary>Of a call of a custom tool: where its input is taken out of the arguments.</summary>
    public CustomInput? Input { get; init; }

    /// <summary>Of a message's text: a JSON array; empty = none were asked for.</summary>
    public ArrayBufferWriter<byte>? LogProbabilities { get; set; }

    /// <summary>Nothing more will be added.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Clients know of it.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Clients have all of it.</summary>
    public bool IsDone { get; set; }

    /// <summary>How it ended.</summary>
    public string Status { get; set; } = "completed";

    public ItemText Text { get; } = new();

    /// <summary>Whether its text is told in pieces. Other calls hold an action, which is told whole.</summary>
    public bool HasDeltas => Kind is not ResponseItemKind.Call || Tool is ResponseToolKind.Function or ResponseToolKind.Custom;

    public void Append(ReadOnlySpan<byte> text) => Text.Append(text);

    /// <summary>Writes the item; with <paramref name="isEmpty"/> as it is before its first delta.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> status, bool isEmpty = false)
    {
        output.Write("{\"id\":\""u8);
        Encoding.ASCII.GetBytes(Id, output);
        switch (Kind)
        {
            case ResponseItemKind.Reasoning:
                output.Write("\",\"type\":\"reasoning\",\"summary\":["u8);
                if (IsSummary && !isEmpty)
                {
                    WritePart(output, isDone: true);
                }

                output.Write("],"u8);
                if (IsSealed && !isEmpty)
                {
                    output.Write("\"encrypted_content\":\""u8);
                    SealedReasoning.Write(Text.Joined(), output);
                    output.Write("\","u8);
                }

                WriteContent(output, isEmpty || IsSummary);
                break;
            case ResponseItemKind.Message:
                output.Write("\",\"type\":\"message\",\"role\":\"assistant\","u8);
                WriteContent(output, isEmpty);
                break;
            default:
                WriteCall(output, isEmpty);
                break;
        }

        // The API knows no patch that was cut: one that never ended is still under way.
        output.Write(",\"status\":\""u8, Tool is ResponseToolKind.ApplyPatch && status.SequenceEqual("incomplete"u8) ? "in_progress"u8 : status, "\"}"u8);
    }

    /// <summary>Writes the one part of a message or of reasoning.</summary>
    public void WritePart(IBufferWriter<byte> output, bool isDone)
    {
        output.Write(IsSummary ? "{\"type\":\"summary_text\",\"text\":\""u8
            : Kind is ResponseItemKind.Reasoning ? "{\"type\":\"reasoning_text\",\"text\":\""u8
            : IsRefusal ? "{\"type\":\"refusal\",\"refusal\":\""u8
            : "{\"type\":\"output_text\",\"text\":\""u8);
        if (isDone)
        {
            Text.WriteTo(output);
        }

        output.Write("\""u8);
        if (Kind is ResponseItemKind.Message && !IsRefusal)
        {
            output.Write(",\"annotations\":[],\"logprobs\":["u8);
            output.Write(isDone && LogProbabilities is { } found ? found.WrittenSpan : default);
            output.Write("]"u8);
        }

        output.Write("}"u8);
    }

    /// <summary>Of a call with an action: what it holds now.</summary>
    public ReadOnlyMemory<byte> Action() => ClientActions.Of(Tool, Text.Joined());

    private void WriteContent(IBufferWriter<byte> output, bool isEmpty)
    {
        output.Write("\"content\":["u8);
        if (!isEmpty)
        {
            WritePart(output, isDone: true);
        }

        output.Write("]"u8);
    }

    private void WriteCall(IBufferWriter<byte> output, bool isEmpty)
    {
        output.Write(Tool switch
        {
            ResponseToolKind.Function => "\",\"type\":\"function_call\""u8,
            ResponseToolKind.Custom => "\",\"type\":\"custom_tool_call\""u8,
            ResponseToolKind.LocalShell => "\",\"type\":\"local_shell_call\""u8,
            ResponseToolKind.Shell => "\",\"type\":\"shell_call\",\"environment\":null"u8,
            ResponseToolKind.ApplyPatch => "\",\"type\":\"apply_patch_call\""u8,
            _ => "\",\"type\":\"tool_search_call\",\"execution\":\"client\""u8,
        });
        output.Write(",\"call_id\":\""u8);
        if (CallId.IsEmpty)
        {
            Encoding.ASCII.GetBytes(Id, output);
        }
        else
        {
            output.Write(CallId.Span);
        }

        output.Write("\""u8);
        if (!HasDeltas)
        {
            // An operation is announced with its file, before its diff; other actions come whole at the end.
            output.Write(",\""u8, ClientActions.MemberOf(Tool), "\":"u8);
            output.Write(!isEmpty ? Action().Span : Tool is ResponseToolKind.ApplyPatch ? ClientActions.WithoutDiff(Action()).Span : ClientActions.Of(Tool, default).Span);
            return;
        }

        output.Write(",\"name\":\""u8, Name.Span, "\""u8);
        if (Namespace is not null)
        {
            output.Write(",\"namespace\":"u8);
            output.Write(JsonText.Quote(Namespace));
        }

        output.Write(Tool is ResponseToolKind.Custom ? ",\"input\":\""u8 : ",\"arguments\":\""u8);
        if (!isEmpty)
        {
            Text.WriteTo(output);
        }

        output.Write("\""u8);
    }
}

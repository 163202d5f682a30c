using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Answers as a message, or as its events.
/// <code>
/// message_start ─ ( content_block_start ─ …content_block_delta… ─ content_block_stop )… ─ message_delta ─ message_stop
/// </code>
/// </summary>
/// <param name="requestId">Ours; the message's id is made of it.</param>
/// <param name="model">What the answer calls its model.</param>
/// <param name="wantsReasoning">The client asked for thinking, so that reasoning is shown as such.</param>
/// <param name="ids">Of the conversation's calls.</param>
/// <param name="promptTokens">An estimate of the prompt.</param>
internal sealed class MessagesShape(string requestId, string model, bool wantsReasoning, MessageCallIds ids, Func<int> promptTokens) : KeepingShape
{
    private static readonly ReadOnlyMemory<byte> Ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n"u8.ToArray();

    private readonly MessageEvents _events = new();
    private StreamedBlocks? _blocks;
    private OwnMembers _own = OwnMembers.None;
    private string _stopReason = "end_turn";
    private byte[]? _stopSequence;

    private StreamedBlocks Blocks => _blocks ??= new(_events, ids);

    public override ReadOnlyMemory<byte> Heartbeat => Ping;

    public override ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension)
    {
        using var document = JsonReading.Document(completion);
        var root = document.RootElement;
        var output = new ArrayBufferWriter<byte>(completion.Length + 256);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("content"u8);
        if (root.Has("choices"u8, JsonValueKind.Array, out var choices) && choices.GetArrayLength() > 0 && choices[0].ValueKind is JsonValueKind.Object)
        {
            MessageBlocks.Write(choices[0], wantsReasoning, ids, json);
            NoteEnd(choices[0]);
        }

        json.WriteEndArray();
        json.WriteString("stop_reason"u8, _stopReason);
        json.WritePropertyName("stop_sequence"u8);
        json.WriteRawValue(_stopSequence ?? "null"u8, skipInputValidation: true);
        MessagesUsage.Write(json, root.Has("usage"u8, out var usage) ? TokenUsage.Read(usage.Raw()) : null);
        _own.Write(json);
        if (!extension.IsEmpty)
        {
            json.WritePropertyName("x_meta_model"u8);
            json.WriteRawValue(extension.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    // Many clients look for the prompt's tokens here only: the upstream's own count where it has come already, else the estimate.
    public override void Open(DispatchReport report, IBufferWriter<byte> output)
    {
        var usage = report.Calls.Where(static c => c.Outcome is CallOutcome.Running or CallOutcome.Succeeded).ToList() is [var only] && (only.Usage ?? only.EarlyUsage) is { } told
            ? told
            : new TokenUsage { PromptTokens = promptTokens(), CompletionTokens = 0, TotalTokens = 0 };
        var message = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.To(message))
        {
            json.WriteStartObject();
            WriteHead(json);
            json.WriteStartArray("content"u8);
            json.WriteEndArray();
            json.WriteNull("stop_reason"u8);
            json.WriteNull("stop_sequence"u8);
            MessagesUsage.Write(json, usage);
            json.WriteEndObject();
        }

        _events.Begin("message_start"u8);
        _events.Write(",\"message\":"u8);
        _events.Write(message.WrittenSpan);
        _events.End(output);
    }

    public override void Write(in ChatStreamEvent answer, IBufferWriter<byte> output)
    {
        if (answer.Kind is StreamEventKind.Comment)
        {
            output.Write(answer.Raw.Span);
            return;
        }

        var (data, shape) = (answer.Data, answer.Shape);
        if (answer.Kind is not StreamEventKind.Chunk || !shape.HasChoice)
        {
            return;
        }

        var span = data.Span;
        if (shape.Own.IsPresent)
        {
            Blocks.WriteOwn(shape.Own.In(data), Kept, output);
        }

        var reasoning = shape.ReasoningContent.IsPresent ? shape.ReasoningContent : shape.Reasoning;
        if (reasoning.IsPresent && wantsReasoning)
        {
            Blocks.WriteThinking(reasoning.In(span), Kept, output);
        }

        if (shape.ThinkingBlocks.IsPresent && wantsReasoning)
        {
            Blocks.WriteSigned(shape.ThinkingBlocks.In(data), Kept, output);
        }

        if (shape.Content.IsPresent)
        {
            Blocks.WriteText(shape.Content.In(span), Kept, output);
        }

        if (shape.HasOtherVisible && ChatChoice.Refusal(shape.Delta.In(span)) is { IsEmpty: false } refusal)
        {
            Blocks.WriteText(refusal, Kept, output);
        }

        if (shape.ToolCalls.IsPresent)
        {
            Blocks.WriteCalls(ChatCallDelta.ReadAll(shape.ToolCalls.In(data)), Kept, output);
        }

        if (shape.FunctionCall.IsPresent)
        {
            Blocks.WriteCalls([ChatCallDelta.ReadLegacy(shape.FunctionCall.In(data))], Kept, output);
        }

        if (shape.FinishReason.IsPresent)
        {
            using var document = JsonReading.Document(data);
            NoteEnd(document.RootElement.Get("choices"u8)[0]);
        }
    }

    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        Blocks.Complete(Kept, output);
        _events.Begin("message_delta"u8);
        var rest = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.To(rest))
        {
            json.WriteStartObject();
            json.WriteStartObject("delta"u8);
            json.WriteString("stop_reason"u8, _stopReason);
            json.WritePropertyName("stop_sequence"u8);
            json.WriteRawValue(_stopSequence ?? "null"u8, skipInputValidation: true);
            _own.WriteDelta(json);
            json.WriteEndObject();
            MessagesUsage.Write(json, report.TotalUsage());
            _own.WriteBesideDelta(json);
            if (!extension.IsEmpty)
            {
                json.WritePropertyName("x_meta_model"u8);
                json.WriteRawValue(extension.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        _events.Write(","u8);
        _events.Write(rest.WrittenSpan[1..^1]);
        _events.End(output);
        _events.Begin("message_stop"u8);
        _events.End(output);
    }

    public override void Fail(GatewayError error, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        output.Write(MessagesErrors.Shape.Document(error, requestId).Span);
        output.Write("\n\n"u8);
    }

    private void NoteEnd(JsonElement choice)
    {
        _stopReason = choice.Has("finish_reason"u8, out var reason) && reason.TryGetText(out var word)
            ? word switch
            {
                "length" => "max_tokens",
                "tool_calls" or "function_call" => "tool_use",
                "content_filter" => "refusal",
                _ => "end_turn",
            }
            : "end_turn";
        _own = OwnMembers.Read(choice);
        if (_own.StopReason is { } own && own is not ("tool_use" or "stop_sequence"))
        {
            _stopReason = own;
        }

        if (choice.Has("stop_sequence"u8, JsonValueKind.String, out var sequence))
        {
            _stopReason = "stop_sequence";
            _stopSequence = sequence.Raw().ToArray();
        }
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id"u8, $"msg_{requestId.AsSpan(requestId.LastIndexOfAny(['-', '_']) + 1)}");
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, model);
    }
}

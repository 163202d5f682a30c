using System.Buffers;
using System.Text;
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
/// Blocks follow one another; a call whose parts come before the one in front of it has ended waits for its turn.
/// </summary>
/// <param name="requestId">Ours; the message's id is made of it.</param>
/// <param name="model">What the answer calls its model.</param>
/// <param name="wantsReasoning">The client asked for thinking, so that reasoning is shown as such.</param>
/// <param name="promptTokens">An estimate of the prompt.</param>
internal sealed class MessagesShape(string requestId, string model, bool wantsReasoning, Func<int> promptTokens) : KeepingShape
{
    private static readonly ReadOnlyMemory<byte> Ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n"u8.ToArray();

    private readonly MessageEvents _events = new();
    private readonly MessageCalls _calls = new();
    private Dictionary<string, byte[]>? _callMembers;
    private Block _open = Block.None;
    private OwnMembers _own = OwnMembers.None;
    private string _stopReason = "end_turn";
    private byte[]? _stopSequence;

    private enum Block { None, Text, Thinking, Call, Own }

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
            MessageBlocks.Write(choices[0], wantsReasoning, json);
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
            WriteOwn(shape.Own.In(data), output);
        }

        var reasoning = shape.ReasoningContent.IsPresent ? shape.ReasoningContent : shape.Reasoning;
        if (reasoning.IsPresent && wantsReasoning)
        {
            WriteText(Block.Thinking, reasoning.In(span), output);
        }

        if (shape.ThinkingBlocks.IsPresent && wantsReasoning)
        {
            WriteSigned(shape.ThinkingBlocks.In(data), output);
        }

        if (shape.Content.IsPresent)
        {
            WriteText(Block.Text, shape.Content.In(span), output);
        }

        if (shape.HasOtherVisible && ChatChoice.Refusal(shape.Delta.In(span)) is { IsEmpty: false } refusal)
        {
            WriteText(Block.Text, refusal, output);
        }

        if (shape.ToolCalls.IsPresent)
        {
            WriteCalls(ChatCallDelta.ReadAll(shape.ToolCalls.In(data)), output);
        }

        if (shape.FunctionCall.IsPresent)
        {
            WriteCalls([ChatCallDelta.ReadLegacy(shape.FunctionCall.In(data))], output);
        }

        if (shape.FinishReason.IsPresent)
        {
            using var document = JsonReading.Document(data);
            NoteEnd(document.RootElement.Get("choices"u8)[0]);
        }
    }

    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        EndBlock(output);
        while (_calls.TryNext(force: true) is { } call)
        {
            StartCall(call, output);
            EndBlock(output);
        }

        foreach (var (kind, text) in _calls.Held)
        {
            if (kind is MessageCalls.HeldKind.Signed)
            {
                WriteSigned(text, output);
            }
            else
            {
                WriteText(kind is MessageCalls.HeldKind.Thinking ? Block.Thinking : Block.Text, text.Span, output);
            }
        }

        EndBlock(output);

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

    // What comes behind a call that is still being written waits until all calls are out: a message's blocks cannot overlap.
    private bool Holds(MessageCalls.HeldKind kind, ReadOnlySpan<byte> text)
    {
        if (_open is not Block.Call || _calls.IsWhole)
        {
            return false;
        }

        if (Kept.TryKeep(text.Length))
        {
            _calls.Hold(kind, text);
        }

        return true;
    }

    private void WriteText(Block kind, ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (Holds(kind is Block.Thinking ? MessageCalls.HeldKind.Thinking : MessageCalls.HeldKind.Text, text))
        {
            return;
        }

        if (_open != kind)
        {
            EndBlock(output);
            Start(kind, output);
        }

        _events.Delta(kind is Block.Text ? "text_delta\",\"text\":\""u8 : "thinking_delta\",\"thinking\":\""u8, text, output);
    }

    private void WriteSigned(ReadOnlyMemory<byte> blocks, IBufferWriter<byte> output)
    {
        if (Holds(MessageCalls.HeldKind.Signed, blocks.Span))
        {
            return;
        }

        using var document = JsonReading.Document(blocks);
        foreach (var block in document.RootElement.EnumerateArray())
        {
            if (block.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (block.Has("type"u8, out var type) && type.IsText("redacted_thinking"u8))
            {
                EndBlock(output);
                _events.Start(block.Raw(), output);
                _open = Block.Thinking;
                EndBlock(output);
                continue;
            }

            if (_open is not Block.Thinking)
            {
                // Its words did not come ahead of it.
                EndBlock(output);
                Start(Block.Thinking, output);
                if (block.Has("thinking"u8, JsonValueKind.String, out var thought) && thought.Raw().Length > 2)
                {
                    _events.Delta("thinking_delta\",\"thinking\":\""u8, thought.RawText(), output);
                }
            }

            if (block.Has("signature"u8, JsonValueKind.String, out var signature))
            {
                _events.Delta("signature_delta\",\"signature\":\""u8, signature.RawText(), output);
            }

            EndBlock(output);
        }
    }

    private void WriteCalls(List<ChatCallDelta> deltas, IBufferWriter<byte> output)
    {
        foreach (var delta in deltas)
        {
            if (!Kept.TryKeep(delta.Arguments.Length + delta.Name.Length + delta.Id.Length))
            {
                return;
            }

            if (_calls.Take(delta))
            {
                if (!delta.Arguments.IsEmpty)
                {
                    _events.Delta("input_json_delta\",\"partial_json\":\""u8, delta.Arguments.Span, output);
                }

                continue;
            }

            while ((_open is not Block.Call || _calls.IsWhole) && _calls.TryNext(force: false) is { } next)
            {
                StartCall(next, output);
            }
        }
    }

    private void StartCall(MessageCalls.Call call, IBufferWriter<byte> output)
    {
        EndBlock(output);
        _open = Block.Call;
        _events.BeginStart("{\"type\":\"tool_use\",\"id\":\""u8);
        _events.Write(call.Id.IsEmpty ? Encoding.ASCII.GetBytes(RandomHex.New(24, "toolu_")) : call.Id.Span);
        _events.Write("\",\"name\":\""u8);
        _events.Write(call.Name.Span);
        _events.Write("\",\"input\":{}"u8);
        _events.Write(_callMembers is not null && _callMembers.Remove(Encoding.UTF8.GetString(call.Id.Span), out var members) ? members : []);
        _events.Write("}"u8);
        _events.End(output);
        if (!call.Arguments.IsEmpty)
        {
            _events.Delta("input_json_delta\",\"partial_json\":\""u8, call.Arguments, output);
        }
    }

    // An event of the API's own. Its blocks follow one another, so that what is still open here is over.
    private void WriteOwn(ReadOnlyMemory<byte> own, IBufferWriter<byte> output)
    {
        using var document = JsonReading.Document(own);
        var root = document.RootElement;
        if (root.Is("type"u8, "content_block_stop"u8))
        {
            EndBlock(output);
        }
        else if (root.Has("delta"u8, JsonValueKind.Object, out var delta))
        {
            if (_open is not (Block.Own or Block.Text))
            {
                EndBlock(output);
                Start(Block.Text, output);
            }

            _events.Delta(delta.Raw(), output);
        }
        else if (root.Has("content_block"u8, JsonValueKind.Object, out var block))
        {
            if (block.Is("type"u8, "tool_use"u8))
            {
                KeepMembers(block);
                return;
            }

            EndBlock(output);
            _events.Start(block.Raw(), output);
            _open = block.Is("type"u8, "text"u8) ? Block.Text : Block.Own;
        }
    }

    private void KeepMembers(JsonElement call)
    {
        if (call.TryGet("id"u8, out var id) && Kept.TryKeep(call.Raw().Length))
        {
            (_callMembers ??= new(StringComparer.Ordinal))[Encoding.UTF8.GetString(id.RawText())] = MessageBlocks.FurtherMembers(call);
        }
    }

    private void Start(Block kind, IBufferWriter<byte> output)
    {
        _open = kind;
        _events.Start(kind is Block.Text ? "{\"type\":\"text\",\"text\":\"\"}"u8 : "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"u8, output);
    }

    private void EndBlock(IBufferWriter<byte> output)
    {
        if (_open is not Block.None)
        {
            _open = Block.None;
            _events.Stop(output);
        }
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

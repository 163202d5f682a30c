using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Answers as a response object, or as its events.
/// <code>
/// created ─ in_progress ─┬─ item.added ─ part.added ─ …text.delta… ─ text.done ─ part.done ─ item.done ─┬─ completed │ incomplete │ failed
///                        └─ item.added ─ …arguments.delta… ─ arguments.done ─ item.done ────────────────┘
/// </code>
/// A message ends where a call begins; calls, which may come interleaved, all end with the answer.
/// </summary>
/// <param name="echo">What the object repeats of the request.</param>
/// <param name="keep">Takes the finished object and its output items (without brackets); null = it is not kept.</param>
/// <param name="wantsLogProbabilities">Whether deltas are looked through for them.</param>
internal sealed class ResponsesShape(ResponseEcho echo, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? keep, bool wantsLogProbabilities) : AnswerShape
{
    private readonly ResponseItems _items = new();
    private readonly ArrayBufferWriter<byte> _event = new(512);
    private int _sequence;
    private string _finish = "";

    public override ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension)
    {
        using var document = JsonReading.Document(completion);
        var root = document.RootElement;
        var choice = root.Has("choices"u8, JsonValueKind.Array, out var choices) && choices.GetArrayLength() > 0 ? choices[0] : default;
        if (choice.ValueKind is JsonValueKind.Object)
        {
            _finish = choice.Has("finish_reason"u8, out var reason) && reason.TryGetText(out var text) ? text : "";
            _items.AddWhole(choice);
        }

        var usage = root.Has("usage"u8, out var given) ? TokenUsage.Read(given.Raw()) : null;
        var output = new ArrayBufferWriter<byte>(completion.Length + 1024);
        WriteFinal(output, usage, extension.Span);
        return output.WrittenMemory;
    }

    public override void Open(IBufferWriter<byte> output)
    {
        foreach (var name in (ReadOnlySpan<string>)["response.created", "response.in_progress"])
        {
            Begin(name);
            _event.Write(",\"response\":"u8);
            WriteObject(_event, "in_progress"u8, "[]"u8, default, null, "null"u8, "null"u8, default);
            End(output);
        }
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
        var reasoning = shape.ReasoningContent.IsPresent ? shape.ReasoningContent : shape.Reasoning;
        if (reasoning.IsPresent)
        {
            Append(_items.Last(ResponseItemKind.Reasoning) ?? Start(new ResponseItem(ResponseItemKind.Reasoning, _items.Count), output), reasoning.In(span), default, output);
        }

        if (shape.Content.IsPresent)
        {
            var item = _items.Last(ResponseItemKind.Message) is { IsRefusal: false } open ? open : Start(new ResponseItem(ResponseItemKind.Message, _items.Count), output);
            Append(item, shape.Content.In(span), wantsLogProbabilities ? ChatChoice.LogProbabilities(data) : default, output);
        }

        if (shape.HasOtherVisible && ChatChoice.Refusal(shape.Delta.In(span)) is { IsEmpty: false } refusal)
        {
            var item = _items.Last(ResponseItemKind.Message) is { IsRefusal: true } open ? open : Start(new ResponseItem(ResponseItemKind.Message, _items.Count) { IsRefusal = true }, output);
            Append(item, refusal, default, output);
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
            _finish = JsonText.Unescape(shape.FinishReason.In(span));
        }
    }

    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        foreach (var item in _items.All)
        {
            Finish(item, _items.StatusOf(item, _finish), output);
        }

        var whole = new ArrayBufferWriter<byte>(1024);
        WriteFinal(whole, report.TotalUsage(), extension.Span);
        Begin(IncompleteReason is null ? "response.completed" : "response.incomplete");
        _event.Write(",\"response\":"u8);
        _event.Write(whole.WrittenSpan);
        End(output);
    }

    public override void Fail(GatewayError error, IBufferWriter<byte> output)
    {
        Begin("response.failed");
        _event.Write(",\"response\":"u8);
        var items = new ArrayBufferWriter<byte>(256);
        items.Write("["u8);
        _items.Write(items, static (item, _) => item.IsClosed ? "completed" : "incomplete", "");
        items.Write("]"u8);
        var problem = new ArrayBufferWriter<byte>(128);
        using (var json = JsonWriting.To(problem))
        {
            json.WriteStartObject();
            json.WriteString("code"u8, error.Code ?? "server_error");
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        }

        WriteObject(_event, "failed"u8, items.WrittenSpan, _items.Text(), null, "null"u8, problem.WrittenSpan, default);
        End(output);
    }

    private string? IncompleteReason => _finish switch
    {
        "length" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

    private void WriteCalls(IEnumerable<ChatCallDelta> deltas, IBufferWriter<byte> output)
    {
        foreach (var delta in deltas)
        {
            var item = _items.Call(delta.Index)
                ?? Start(new ResponseItem(ResponseItemKind.Call, _items.Count) { CallIndex = delta.Index, CallId = delta.Id.ToArray(), Name = delta.Name.ToArray() }, output);
            if (!delta.Arguments.IsEmpty)
            {
                Append(item, delta.Arguments.Span, default, output);
            }
        }
    }

    private ResponseItem Start(ResponseItem item, IBufferWriter<byte> output)
    {
        if (_items.All is [.., { Kind: not ResponseItemKind.Call } before])
        {
            Finish(before, "completed", output);
        }

        _items.Add(item);
        Begin("response.output_item.added");
        Place(item);
        _event.Write(",\"item\":"u8);
        item.Write(_event, "in_progress"u8, isEmpty: true);
        End(output);
        if (item.Kind is not ResponseItemKind.Call)
        {
            BeginPart("response.content_part.added", item);
            _event.Write(",\"part\":"u8);
            item.WritePart(_event, default, isDone: false);
            End(output);
        }

        return item;
    }

    private void Append(ResponseItem item, ReadOnlySpan<byte> text, ReadOnlySpan<byte> logProbabilities, IBufferWriter<byte> output)
    {
        item.Append(text);
        switch (item.Kind)
        {
            case ResponseItemKind.Call:
                Begin("response.function_call_arguments.delta");
                PlaceById(item);
                break;
            case ResponseItemKind.Reasoning:
                BeginPart("response.reasoning_text.delta", item);
                break;
            default:
                BeginPart(item.IsRefusal ? "response.refusal.delta" : "response.output_text.delta", item);
                break;
        }

        _event.Write(",\"delta\":\""u8);
        _event.Write(text);
        _event.Write("\""u8);
        if (item is { Kind: ResponseItemKind.Message, IsRefusal: false })
        {
            _event.Write(",\"logprobs\":["u8);
            _event.Write(logProbabilities);
            _event.Write("]"u8);
            if (!logProbabilities.IsEmpty)
            {
                item.LogProbabilities ??= new(256);
                item.LogProbabilities.Write(item.LogProbabilities.WrittenCount > 0 ? ","u8 : default);
                item.LogProbabilities.Write(logProbabilities);
            }
        }

        End(output);
    }

    private void Finish(ResponseItem item, string status, IBufferWriter<byte> output)
    {
        if (item.IsClosed)
        {
            return;
        }

        item.IsClosed = true;
        if (item.Kind is ResponseItemKind.Call)
        {
            Begin("response.function_call_arguments.done");
            PlaceById(item);
            _event.Write(",\"name\":\""u8);
            _event.Write(item.Name.Span);
            _event.Write("\",\"arguments\":\""u8);
            _event.Write(item.Text);
            _event.Write("\""u8);
            End(output);
        }
        else
        {
            BeginPart(item.Kind is ResponseItemKind.Reasoning ? "response.reasoning_text.done" : item.IsRefusal ? "response.refusal.done" : "response.output_text.done", item);
            _event.Write(item.IsRefusal ? ",\"refusal\":\""u8 : ",\"text\":\""u8);
            _event.Write(item.Text);
            _event.Write("\""u8);
            if (item is { Kind: ResponseItemKind.Message, IsRefusal: false })
            {
                _event.Write(",\"logprobs\":["u8);
                _event.Write(item.LogProbabilities is { } found ? found.WrittenSpan : default);
                _event.Write("]"u8);
            }

            End(output);
            BeginPart("response.content_part.done", item);
            _event.Write(",\"part\":"u8);
            item.WritePart(_event, item.Text, isDone: true);
            End(output);
        }

        Begin("response.output_item.done");
        Place(item);
        _event.Write(",\"item\":"u8);
        item.Write(_event, Encoding.ASCII.GetBytes(status));
        End(output);
    }

    private void WriteFinal(ArrayBufferWriter<byte> output, TokenUsage? usage, ReadOnlySpan<byte> extension)
    {
        var items = new ArrayBufferWriter<byte>(1024);
        items.Write("["u8);
        _items.Write(items, _items.StatusOf, _finish);
        items.Write("]"u8);
        var details = IncompleteReason is { } reason ? Encoding.ASCII.GetBytes($"{{\"reason\":\"{reason}\"}}") : "null"u8;
        WriteObject(output, IncompleteReason is null ? "completed"u8 : "incomplete"u8, items.WrittenSpan, _items.Text(), usage ?? Unknown, details, "null"u8, extension);
        keep?.Invoke(output.WrittenMemory, items.WrittenMemory[1..^1]);
    }

    private static TokenUsage Unknown { get; } = new() { PromptTokens = 0, CompletionTokens = 0, TotalTokens = 0 };

    private void WriteObject(
        IBufferWriter<byte> output, ReadOnlySpan<byte> status, ReadOnlySpan<byte> items, ReadOnlySpan<byte> text, TokenUsage? usage, ReadOnlySpan<byte> details,
        ReadOnlySpan<byte> error, ReadOnlySpan<byte> extension)
    {
        output.Write("{\"id\":\""u8);
        Encoding.ASCII.GetBytes(echo.Id, output);
        output.Write("\",\"object\":\"response\",\"created_at\":"u8);
        WriteNumber(output, echo.CreatedAt);
        output.Write(",\"status\":\""u8);
        output.Write(status);
        output.Write("\","u8);
        output.Write(echo.Members.Span);
        output.Write("\"error\":"u8);
        output.Write(error);
        output.Write(",\"incomplete_details\":"u8);
        output.Write(details);
        output.Write(",\"output\":"u8);
        output.Write(items);
        output.Write(",\"output_text\":\""u8);
        output.Write(text);
        output.Write("\",\"usage\":"u8);
        WriteUsage(output, usage);
        if (!extension.IsEmpty)
        {
            output.Write(",\"x_meta_model\":"u8);
            output.Write(extension);
        }

        output.Write("}"u8);
    }

    private static void WriteUsage(IBufferWriter<byte> output, TokenUsage? usage)
    {
        if (usage is null)
        {
            output.Write("null"u8);
            return;
        }

        output.Write("{\"input_tokens\":"u8);
        WriteNumber(output, usage.PromptTokens);
        output.Write(",\"input_tokens_details\":{\"cached_tokens\":"u8);
        WriteNumber(output, usage.CachedTokens ?? 0);
        output.Write("},\"output_tokens\":"u8);
        WriteNumber(output, usage.CompletionTokens);
        output.Write(",\"output_tokens_details\":{\"reasoning_tokens\":"u8);
        WriteNumber(output, usage.ReasoningTokens ?? 0);
        output.Write("},\"total_tokens\":"u8);
        WriteNumber(output, usage.TotalTokens);
        output.Write("}"u8);
    }

    private void BeginPart(string name, ResponseItem item)
    {
        Begin(name);
        PlaceById(item);
        _event.Write(",\"content_index\":0"u8);
    }

    private void PlaceById(ResponseItem item)
    {
        _event.Write(",\"item_id\":\""u8);
        Encoding.ASCII.GetBytes(item.Id, _event);
        _event.Write("\""u8);
        Place(item);
    }

    private void Place(ResponseItem item)
    {
        _event.Write(",\"output_index\":"u8);
        WriteNumber(_event, item.Position);
    }

    private void Begin(string name)
    {
        _event.ResetWrittenCount();
        _event.Write("event: "u8);
        Encoding.ASCII.GetBytes(name, _event);
        _event.Write("\ndata: {\"type\":\""u8);
        Encoding.ASCII.GetBytes(name, _event);
        _event.Write("\",\"sequence_number\":"u8);
        WriteNumber(_event, _sequence++);
    }

    private void End(IBufferWriter<byte> output)
    {
        _event.Write("}\n\n"u8);
        output.Write(_event.WrittenSpan);
    }

    private static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        var span = output.GetSpan(20);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}

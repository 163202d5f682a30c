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

/// <summary>Answers as a response object, or as its events (<see cref="ResponseEvents"/>).</summary>
internal sealed class ResponsesShape : AnswerShape
{
    private readonly ResponseEcho _echo;
    private readonly KeepResponse? _keep;
    private readonly bool _wantsLogProbabilities;
    private readonly ResponseItems _items;
    private readonly ResponseEvents _events;
    private string _finish = "";

    /// <param name="echo">What the object repeats of the request.</param>
    /// <param name="wishes">What the request asks of its answer.</param>
    /// <param name="keep">Takes the finished object; null = it is not kept.</param>
    public ResponsesShape(ResponseEcho echo, ResponseWishes wishes, KeepResponse? keep)
    {
        (_echo, _keep, _wantsLogProbabilities) = (echo, keep, wishes.LogProbabilities);
        _items = new ResponseItems(echo.Id, wishes.Tools, wishes.SealedReasoning);
        _events = new ResponseEvents(_items);
    }

    /// <summary>Takes a finished response.</summary>
    /// <param name="response">The object.</param>
    /// <param name="output">Its output items, without brackets.</param>
    /// <param name="steps">How it was told.</param>
    public delegate void KeepResponse(ReadOnlyMemory<byte> response, ReadOnlyMemory<byte> output, ResponseSteps steps);

    private static TokenUsage Unknown { get; } = new() { PromptTokens = 0, CompletionTokens = 0, TotalTokens = 0 };

    private string? IncompleteReason => _finish switch
    {
        "length" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

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
        WriteFinal(output, usage, extension.Span, ResponseSteps.Of(_items));
        return output.WrittenMemory;
    }

    public override void Open(DispatchReport report, IBufferWriter<byte> output)
    {
        var response = new ArrayBufferWriter<byte>(1024);
        WriteObject(response, "in_progress"u8, "[]"u8, default, null, "null"u8, "null"u8, default);
        _events.Tell("response.created", response.WrittenSpan, output);
        _events.Tell("response.in_progress", response.WrittenSpan, output);
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
            var item = _items.Last(ResponseItemKind.Reasoning) ?? _events.Start(_items.NewText(ResponseItemKind.Reasoning), output);
            _events.Append(item, reasoning.In(span), default, output);
        }

        if (shape.Content.IsPresent)
        {
            var item = _items.Last(ResponseItemKind.Message) is { IsRefusal: false } open ? open : _events.Start(_items.NewText(ResponseItemKind.Message), output);
            _events.Append(item, shape.Content.In(span), _wantsLogProbabilities ? ChatChoice.LogProbabilities(data) : default, output);
        }

        if (shape.HasOtherVisible && ChatChoice.Refusal(shape.Delta.In(span)) is { IsEmpty: false } refusal)
        {
            var item = _items.Last(ResponseItemKind.Message) is { IsRefusal: true } open ? open : _events.Start(_items.NewText(ResponseItemKind.Message, isRefusal: true), output);
            _events.Append(item, refusal, default, output);
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
        _events.FinishAll(_finish, output);
        var whole = new ArrayBufferWriter<byte>(1024);
        WriteFinal(whole, report.TotalUsage(), extension.Span, _events.Steps);
        _events.Tell(IncompleteReason is null ? "response.completed" : "response.incomplete", whole.WrittenSpan, output);
    }

    public override void Fail(GatewayError error, IBufferWriter<byte> output)
    {
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

        var response = new ArrayBufferWriter<byte>(1024);
        WriteObject(response, "failed"u8, items.WrittenSpan, _items.Text(), null, "null"u8, problem.WrittenSpan, default);
        _events.Tell("response.failed", response.WrittenSpan, output);
    }

    private void WriteCalls(List<ChatCallDelta> deltas, IBufferWriter<byte> output)
    {
        foreach (var delta in deltas)
        {
            var item = _items.Call(delta.Index) ?? _events.Start(_items.NewCall(delta, delta.Index), output);
            _events.Append(item, ResponseItems.TextOf(item, delta.Arguments.Span, isEnd: false), default, output);
        }
    }

    private void WriteFinal(ArrayBufferWriter<byte> output, TokenUsage? usage, ReadOnlySpan<byte> extension, ResponseSteps steps)
    {
        var items = new ArrayBufferWriter<byte>(1024);
        items.Write("["u8);
        _items.Write(items, _items.StatusOf, _finish);
        items.Write("]"u8);
        var details = IncompleteReason is { } reason ? Encoding.ASCII.GetBytes($"{{\"reason\":\"{reason}\"}}") : "null"u8;
        WriteObject(output, IncompleteReason is null ? "completed"u8 : "incomplete"u8, items.WrittenSpan, _items.Text(), usage ?? Unknown, details, "null"u8, extension);
        _keep?.Invoke(output.WrittenMemory, items.WrittenMemory[1..^1], steps);
    }

    private void WriteObject(
        IBufferWriter<byte> output, ReadOnlySpan<byte> status, ReadOnlySpan<byte> items, ReadOnlySpan<byte> text, TokenUsage? usage, ReadOnlySpan<byte> details,
        ReadOnlySpan<byte> error, ReadOnlySpan<byte> extension)
    {
        output.Write("{\"id\":\""u8);
        Encoding.ASCII.GetBytes(_echo.Id, output);
        output.Write("\",\"object\":\"response\",\"created_at\":"u8);
        WriteNumber(output, _echo.CreatedAt);
        output.Write(",\"status\":\""u8, status, "\","u8);
        output.Write(_echo.Members.Span);
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

    private static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        var span = output.GetSpan(20);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}

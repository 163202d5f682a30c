using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Memory;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>Answers as a response object, or as its events (<see cref="ResponseEvents"/>).</summary>
internal sealed class ResponsesShape : KeepingShape
{
    // An end that is longer is written in pieces.
    private const int LongEnd = 256 * 1024;

    private readonly ResponseEcho _echo;
    private readonly KeepResponse? _keep;
    private readonly bool _wantsLogProbabilities;
    private readonly ResponseItems _items;
    private readonly ResponseEvents _events;
    private string _finish = "";
    private IEnumerator<int>? _end;

    /// <param name="echo">What the object repeats of the request.</param>
    /// <param name="wishes">What the request asks of its answer.</param>
    /// <param name="keep">Takes the finished object; null = it is not kept.</param>
    public ResponsesShape(ResponseEcho echo, ResponseWishes wishes, KeepResponse? keep)
    {
        (_echo, _keep, _wantsLogProbabilities) = (echo, keep, wishes.LogProbabilities);
        _items = new ResponseItems(echo.Id, wishes.Tools, wishes.SealedReasoning, wishes.SummarizedReasoning);
        _events = new ResponseEvents(_items);
    }

    /// <summary>Takes a finished response.</summary>
    /// <param name="response">The object, with an empty output.</param>
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

    public override void KeepWithin(long limit, MemoryShare memory)
    {
        base.KeepWithin(limit, memory);
        _events.Kept = Kept;
    }

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
        var items = FinalItems();
        WriteHead(output, FinalStatus);
        output.Write(items.Span);
        output.Write("],\"output_text\":\""u8);
        foreach (var text in _items.Texts)
        {
            text.WriteTo(output);
        }

        WriteTail(output, usage ?? Unknown, extension.Span);
        Keep(items, usage, extension, ResponseSteps.Of(_items));
        return output.WrittenMemory;
    }

    public override void Open(DispatchReport report, IBufferWriter<byte> output)
    {
        var response = new ArrayBufferWriter<byte>(1024);
        WriteHead(response, "in_progress"u8);
        response.Write("],\"output_text\":\""u8);
        WriteTail(response, null, default);
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
        var end = WriteEnd(report.TotalUsage(), extension, output).GetEnumerator();
        if (_items.TextBytes > LongEnd)
        {
            _end = end;
            return;
        }

        while (end.MoveNext())
        {
        }
    }

    public override bool CloseNext() => _end?.MoveNext() is true;

    // An answer that grew too large is not told once more.
    public override void Fail(GatewayError error, IBufferWriter<byte> output)
    {
        if (Trouble is not null)
        {
            _items.Clear();
        }

        var problem = new ArrayBufferWriter<byte>(128);
        using (var json = JsonWriting.To(problem))
        {
            json.WriteStartObject();
            json.WriteString("code"u8, error.Code ?? "server_error");
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        }

        var response = new ArrayBufferWriter<byte>(1024);
        WriteHead(response, "failed"u8, problem.WrittenSpan);
        _items.Write(response, static (item, _) => item.IsClosed ? "completed" : "incomplete", "");
        response.Write("],\"output_text\":\""u8);
        foreach (var text in _items.Texts)
        {
            text.WriteTo(response);
        }

        WriteTail(response, null, default);
        _events.Tell("response.failed", response.WrittenSpan, output);
    }

    private void WriteCalls(List<ChatCallDelta> deltas, IBufferWriter<byte> output)
    {
        foreach (var delta in deltas)
        {
            var item = _items.Call(delta.Index) ?? _events.Start(_items.NewCall(delta, delta.Index), output);
            if (item.Input is { IsHolding: true } && !Kept.TryKeep(delta.Arguments.Length))
            {
                return;
            }

            _events.Append(item, ResponseItems.TextOf(item, delta.Arguments.Span, isEnd: false), default, output);
        }
    }

    private ReadOnlySpan<byte> FinalStatus => IncompleteReason is null ? "completed"u8 : "incomplete"u8;

    // The items are put together once: for the event that ends the response, and for the store.
    private IEnumerable<int> WriteEnd(TokenUsage? usage, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        foreach (var position in _events.FinishAll(_finish, output))
        {
            yield return position;
        }

        if (Trouble is { } trouble)
        {
            Fail(trouble, output);
            yield break;
        }

        var items = FinalItems();
        Keep(items, usage, extension, _events.Steps);
        _events.BeginTell(IncompleteReason is null ? "response.completed" : "response.incomplete", output);
        Put(static (shape, piece) => shape.WriteHead(piece, shape.FinalStatus));
        for (var at = 0; at < items.Length; at += LongEnd)
        {
            _events.Put(items.Span[at..Math.Min(items.Length, at + LongEnd)]);
            yield return at;
        }

        _events.Put("],\"output_text\":\""u8);
        foreach (var text in _items.Texts)
        {
            _events.Put(text);
            yield return 0;
        }

        Put((_, piece) => WriteTail(piece, usage ?? Unknown, extension.Span));
        _events.EndTell();
    }

    private void Put(Action<ResponsesShape, IBufferWriter<byte>> write)
    {
        var piece = new ArrayBufferWriter<byte>(1024);
        write(this, piece);
        _events.Put(piece.WrittenSpan);
    }

    private ReadOnlyMemory<byte> FinalItems()
    {
        var items = new ArrayBufferWriter<byte>((int)Math.Min(Array.MaxLength, _items.TextBytes + (512L * _items.Count) + 16));
        _items.Write(items, _items.StatusOf, _finish);
        return items.WrittenMemory;
    }

    private void Keep(ReadOnlyMemory<byte> items, TokenUsage? usage, ReadOnlyMemory<byte> extension, ResponseSteps steps)
    {
        if (_keep is null)
        {
            return;
        }

        var frame = new ArrayBufferWriter<byte>(1024);
        WriteHead(frame, FinalStatus);
        frame.Write("],\"output_text\":\""u8);
        WriteTail(frame, usage ?? Unknown, extension.Span);
        _keep(frame.WrittenMemory, items, steps);
    }

    /// <summary>Writes the object up to its output items.</summary>
    private void WriteHead(IBufferWriter<byte> output, ReadOnlySpan<byte> status, ReadOnlySpan<byte> error = default)
    {
        output.Write("{\"id\":\""u8);
        Encoding.ASCII.GetBytes(_echo.Id, output);
        output.Write("\",\"object\":\"response\",\"created_at\":"u8);
        WriteNumber(output, _echo.CreatedAt);
        output.Write(",\"status\":\""u8, status, "\","u8);
        output.Write(_echo.Members.Span);
        output.Write("\"error\":"u8);
        output.Write(error.IsEmpty ? "null"u8 : error);
        output.Write(",\"incomplete_details\":"u8);
        if (IncompleteReason is { } reason && status.SequenceEqual(FinalStatus))
        {
            output.Write("{\"reason\":\""u8);
            Encoding.ASCII.GetBytes(reason, output);
            output.Write("\"}"u8);
        }
        else
        {
            output.Write("null"u8);
        }

        output.Write(",\"output\":["u8);
    }

    /// <summary>Writes the object from the end of <c>output_text</c>.</summary>
    private static void WriteTail(IBufferWriter<byte> output, TokenUsage? usage, ReadOnlySpan<byte> extension)
    {
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

using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Tools;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Chat.Cleaning;

/// <summary>
/// A finished completion cut into the events of a stream: role, reasoning, text, calls, finish reason, usage, <c>[DONE]</c>. For upstreams that answer
/// a streamed call with a document, and for answers composed here. A document that is no completion gives no event and a <see cref="ChatStream.Failure"/>.
/// </summary>
internal sealed class SlicedStream : ChatStream
{
    private readonly ChunkScanner _scanner = new();
    private readonly JsonDocument? _document;
    private readonly IEnumerator<byte[]>? _payloads;
    private bool _isDone;

    /// <param name="completion">One completion document.</param>
    /// <param name="time">For <c>created</c>, where the document has none.</param>
    /// <param name="known">The same document, read; null = it was not read yet.</param>
    public SlicedStream(ReadOnlyMemory<byte> completion, TimeProvider time, Completion? known = null)
    {
        if ((known ?? CompletionReader.Read(completion)) is not { Message: { } message } read)
        {
            Failure = Malformed("it has no message");
            _isDone = true;
            return;
        }

        _document = JsonReading.Document(completion);
        var choice = _document.RootElement.Get("choices"u8)[0];
        if (FindFlaw(choice.Get("message"u8)) is { } flaw)
        {
            Failure = Malformed(flaw);
            _isDone = true;
            return;
        }

        _payloads = Slice(read, message, choice, MakeComposer(read, _document.RootElement, time)).GetEnumerator();
    }

    public override StreamStep Step()
    {
        if (_isDone || _payloads is null)
        {
            Current = default;
            return StreamStep.End;
        }

        if (!_payloads.MoveNext())
        {
            _isDone = true;
            Current = new(StreamEventKind.Done, SseFrame.Done, default);
            return StreamStep.Event;
        }

        var raw = SseFrame.Wrap(_payloads.Current);
        var data = SseFrame.Payload(raw);
        if (!_scanner.TryScan(data.Span, out var shape, out _))
        {
            throw new InvalidOperationException("A composed chunk must be valid JSON.");
        }

        Current = new(StreamEventKind.Chunk, raw, data, shape);
        return StreamStep.Event;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The same: there is nothing to wait for.</summary>
    public void Dispose()
    {
        _isDone = true;
        _payloads?.Dispose();
        _document?.Dispose();
    }

    private static GatewayError Malformed(string flaw) =>
        new(502, "upstream_protocol_error", $"The upstream's answer is not a valid chat completion: {flaw}.");

    private static ChunkComposer MakeComposer(Completion completion, JsonElement root, TimeProvider time)
    {
        var json = completion.Json.Span;
        var labels = new StreamLabels(
            completion.Id.IsPresent ? Encoding.UTF8.GetString(completion.Id.In(json)) : $"\"{CleanAnswerStream.NewId()}\"",
            completion.Created.IsPresent ? Encoding.UTF8.GetString(completion.Created.In(json)) : $"{time.GetUtcNow().ToUnixTimeSeconds()}",
            completion.Model.IsPresent ? Encoding.UTF8.GetString(completion.Model.In(json)) : "\"\"");
        var extra = "";
        foreach (var name in (string[])["system_fingerprint", "service_tier"])
        {
            if (root.Find(name) is { ValueKind: JsonValueKind.String } value)
            {
                extra += $",\"{name}\":{value.GetRawText()}";
            }
        }

        return new ChunkComposer(labels, extra);
    }

    /// <summary>What is wrong with the calls of a message; null = nothing.</summary>
    private static string? FindFlaw(JsonElement message)
    {
        if (message.Find("function_call") is { ValueKind: not JsonValueKind.Object })
        {
            return "its function call is no object";
        }

        if (message.Find("tool_calls") is not { } calls)
        {
            return null;
        }

        if (calls.ValueKind is not JsonValueKind.Array)
        {
            return "its tool calls are no list";
        }

        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind is not JsonValueKind.Object)
            {
                return "a tool call is no object";
            }

            if (IsFunction(call) && (call.Find("function") is not { ValueKind: JsonValueKind.Object } function || string.IsNullOrWhiteSpace(function.FindText("name"))))
            {
                return "a tool call names no function";
            }
        }

        return null;
    }

    private static IEnumerable<byte[]> Slice(Completion completion, CompletionMessage message, JsonElement choice, ChunkComposer composer)
    {
        var source = choice.Get("message"u8);
        var hasCalls = message.ToolCallCount > 0;
        var legacyCall = hasCalls ? null : source.Find("function_call");
        yield return composer.Role(isTextless: (hasCalls || legacyCall is not null) && message.Texts.Length == 0);

        var slices = source.Has("x_anthropic"u8, JsonValueKind.Array, out var own) ? OwnSlices.Of(own, CallsById(source), composer) : SliceMessage(completion, message, source, legacyCall, composer);
        foreach (var slice in slices)
        {
            yield return slice;
        }

        var logProbabilities = choice.Find("logprobs") is { } logprobs ? logprobs.Raw().ToArray() : [];
        var end = choice.Has("x_anthropic"u8, JsonValueKind.Object, out var members) ? members.Raw().ToArray() : [];
        yield return composer.Finish(
            completion.FinishReason ?? (hasCalls ? "tool_calls" : legacyCall is not null ? "function_call" : "stop"), logProbabilities, end);

        if (completion.UsageObject.IsPresent)
        {
            yield return composer.Usage(completion.UsageObject.In(completion.Json.Span));
        }
    }

    private static Dictionary<string, byte[]> CallsById(JsonElement message)
    {
        var calls = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (!message.Has("tool_calls"u8, JsonValueKind.Array, out var list))
        {
            return calls;
        }

        foreach (var call in list.EnumerateArray())
        {
            var output = new ArrayBufferWriter<byte>(128);
            using (var writer = JsonWriting.To(output))
            {
                writer.WriteStartArray();
                WriteCallItem(writer, calls.Count, call);
                writer.WriteEndArray();
            }

            calls[call.FindText("id") ?? ""] = output.WrittenSpan.ToArray();
        }

        return calls;
    }

    private static IEnumerable<byte[]> SliceMessage(Completion completion, CompletionMessage message, JsonElement source, JsonElement? legacyCall, ChunkComposer composer)
    {
        if (message.ReasoningContent.IsPresent || message.Reasoning.IsPresent)
        {
            yield return composer.Delta(source, static (writer, source) =>
            {
                WriteText(writer, source, "reasoning_content");
                WriteText(writer, source, "reasoning");
            });
        }

        foreach (var range in message.Texts)
        {
            foreach (var piece in SlicedText.Cut(JsonText.Unescape(range.In(completion.Json.Span))))
            {
                yield return composer.Content(piece);
            }
        }

        foreach (var name in (string[])["refusal", "audio", "images", "annotations"])
        {
            if (source.Find(name) is { } value && !IsEmpty(value))
            {
                yield return composer.Delta((name, value), static (writer, member) => writer.WriteRaw(member.name, member.value));
            }
        }

        for (var i = 0; i < message.ToolCallCount; i++)
        {
            yield return composer.Delta((i, call: source.Get("tool_calls"u8)[i]), static (writer, item) => WriteCall(writer, item.i, item.call));
        }

        if (legacyCall is { } function)
        {
            yield return composer.Delta(function, static (writer, function) =>
            {
                writer.WriteStartObject("function_call"u8);
                WriteFunction(writer, function);
                writer.WriteEndObject();
            });
        }
    }

    private static void WriteCall(Utf8JsonWriter writer, int index, JsonElement call)
    {
        writer.WriteStartArray("tool_calls"u8);
        WriteCallItem(writer, index, call);
        writer.WriteEndArray();
    }

    private static void WriteCallItem(Utf8JsonWriter writer, int index, JsonElement call)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        if (call.FindText("id") is { Length: > 0 })
        {
            writer.WriteRaw("id", call.Get("id"u8));
        }
        else
        {
            writer.WriteString("id"u8, MessageCalls.NewId());
        }

        if (IsFunction(call))
        {
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            WriteFunction(writer, call.Get("function"u8));
            CallWriter.WriteOthers(writer, call.Find("function"), ["name", "arguments"]);
            writer.WriteEndObject();
            CallWriter.WriteOthers(writer, call, ["id", "index", "type", "function"]);
        }
        else
        {
            foreach (var member in call.EnumerateObject())
            {
                if (!member.IsNamed("id"u8) && !member.IsNamed("index"u8))
                {
                    writer.WriteRaw(member);
                }
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteFunction(Utf8JsonWriter writer, JsonElement function)
    {
        if (function.Find("name") is { } name)
        {
            writer.WriteRaw("name", name);
        }

        switch (function.Find("arguments"))
        {
            case { ValueKind: JsonValueKind.String } text:
                writer.WriteRaw("arguments", text);
                break;
            case { } value:
                // Some servers forget to encode them.
                writer.WriteString("arguments"u8, value.GetRawText());
                break;
            default:
                writer.WriteString("arguments"u8, ""u8);
                break;
        }
    }

    private static bool IsFunction(JsonElement call) => call.FindText("type") is null or "" or "function";

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.Raw().Length == 2,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => true,
    };

    private static void WriteText(Utf8JsonWriter writer, JsonElement parent, string name)
    {
        if (parent.Find(name) is { ValueKind: JsonValueKind.String } text && !IsEmpty(text))
        {
            writer.WriteRaw(name, text);
        }
    }
}

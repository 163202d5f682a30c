using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Synthwave.Chat.Tools;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>The chunks of a streamed answer put together as the completion they would have been. Texts are joined as they were sent, escapes included. Used by one call.</summary>
internal sealed class CompletionFold
{
    private readonly SortedDictionary<int, Choice> _choices = [];
    private byte[]? _id;
    private byte[]? _created;
    private byte[]? _model;
    private byte[]? _tier;
    private byte[]? _usage;
    private bool _isFinished;

    /// <summary>Some choice has said why it ended, and none lacks the end of a call's arguments, unless a cap has cut it.</summary>
    public bool IsWhole => _isFinished && !_choices.Values.Any(static c => c.IsCut);

    /// <summary>No chunk has come.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Takes the next chunk, one JSON object. What it does not know it leaves out.</summary>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        using var document = JsonReading.TryDocument(chunk);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root)
        {
            return;
        }

        IsEmpty = false;
        Keep(root, "id"u8, ref _id);
        Keep(root, "created"u8, ref _created);
        Keep(root, "model"u8, ref _model);
        Keep(root, "service_tier"u8, ref _tier);
        if (root.Has("usage"u8, JsonValueKind.Object, out var usage))
        {
            _usage = usage.Raw().ToArray();
        }

        if (!root.Has("choices"u8, JsonValueKind.Array, out var choices))
        {
            return;
        }

        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.ValueKind is JsonValueKind.Object)
            {
                AddChoice(choice);
            }
        }
    }

    /// <summary>The completion. <paramref name="now"/> is its time where the chunks gave none, seconds since 1970.</summary>
    public ReadOnlyMemory<byte> ToCompletion(long now)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteRaw("id"u8, _id ?? JsonText.Quote(RandomHex.New(24, "chatcmpl-")));
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteRaw("created"u8, _created ?? System.Text.Encoding.ASCII.GetBytes(now.ToString(CultureInfo.InvariantCulture)));
        json.WriteRaw("model"u8, _model ?? "\"\""u8);
        json.WriteStartArray("choices"u8);
        foreach (var (index, choice) in _choices)
        {
            choice.Write(json, index);
        }

        json.WriteEndArray();
        if (_usage is not null)
        {
            json.WriteRaw("usage"u8, _usage);
        }

        if (_tier is not null)
        {
            json.WriteRaw("service_tier"u8, _tier);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void Keep(JsonElement root, ReadOnlySpan<byte> name, ref byte[]? value)
    {
        if (value is null && root.Has(name, out var found))
        {
            value = found.Raw().ToArray();
        }
    }

    private void AddChoice(JsonElement element)
    {
        var index = element.Has("index"u8, JsonValueKind.Number, out var number) && number.TryGetInt32(out var given) ? given : 0;
        if (!_choices.TryGetValue(index, out var choice))
        {
            _choices.Add(index, choice = new Choice());
        }

        if (element.Has("delta"u8, JsonValueKind.Object, out var delta) || element.Has("message"u8, JsonValueKind.Object, out delta))
        {
            choice.Add(delta);
        }

        if (element.Has("finish_reason"u8, JsonValueKind.String, out var reason) && reason.RawText().Length > 0)
        {
            choice.FinishReason = reason.Raw().ToArray();
            choice.AddEnd(element);
            _isFinished = true;
        }
    }

    private static void Append(ref ArrayBufferWriter<byte>? text, JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (parent.Has(name, JsonValueKind.String, out var piece))
        {
            text ??= new ArrayBufferWriter<byte>(256);
            text.Write(piece.RawText());
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ArrayBufferWriter<byte>? text)
    {
        if (text is not null)
        {
            json.WriteRaw(name, (byte[])[(byte)'"', .. text.WrittenSpan, (byte)'"']);
        }
    }

    private sealed class Choice
    {
        private readonly List<Call> _calls = [];
        private ArrayBufferWriter<byte>? _content;
        private ArrayBufferWriter<byte>? _reasoningContent;
        private ArrayBufferWriter<byte>? _reasoning;
        private ArrayBufferWriter<byte>? _refusal;
        private readonly CallSequence _sequence = new();
        private readonly OwnFold _own = new();
        private byte[]? _end;
        private byte[]? _stopSequence;
        private Call? _legacy;

        public byte[]? FinishReason { get; set; }

        public bool IsCut => !FinishReason.AsSpan().SequenceEqual("\"length\""u8) && (_legacy is { Progress.Arguments.IsOpen: true } || _calls.Exists(static c => c.Progress.Arguments.IsOpen));

        public void Add(JsonElement delta)
        {
            var start = _content?.WrittenCount ?? 0;
            Append(ref _content, delta, "content"u8);
            _own.Add(delta, start..(_content?.WrittenCount ?? 0));
            Append(ref _reasoningContent, delta, "reasoning_content"u8);
            Append(ref _reasoning, delta, "reasoning"u8);
            Append(ref _refusal, delta, "refusal"u8);
            if (delta.Has("function_call"u8, JsonValueKind.Object, out var legacy))
            {
                (_legacy ??= new Call(_sequence.OfOlderForm())).AddFunction(legacy);
            }

            if (delta.Has("tool_calls"u8, JsonValueKind.Array, out var calls))
            {
                foreach (var call in calls.EnumerateArray())
                {
                    if (call.ValueKind is JsonValueKind.Object)
                    {
                        CallOf(call).Add(call);
                    }
                }
            }
        }

        /// <summary>Takes what a model says of its end beyond a chat's reason.</summary>
        public void AddEnd(JsonElement choice)
        {
            Keep(choice, "x_anthropic"u8, ref _end);
            Keep(choice, "stop_sequence"u8, ref _stopSequence);
        }

        public void Write(Utf8JsonWriter json, int index)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            if (_content is null)
            {
                json.WriteNull("content"u8);
            }

            CompletionFold.Write(json, "content"u8, _content);
            CompletionFold.Write(json, "reasoning_content"u8, _reasoningContent);
            CompletionFold.Write(json, "reasoning"u8, _reasoning);
            CompletionFold.Write(json, "refusal"u8, _refusal);
            if (_legacy is not null)
            {
                json.WritePropertyName("function_call"u8);
                _legacy.WriteFunction(json);
            }

            if (_calls.Count > 0)
            {
                json.WriteStartArray("tool_calls"u8);
                foreach (var call in _calls)
                {
                    call.Write(json);
                }

                json.WriteEndArray();
            }

            _own.Write(json, _content is null ? default : _content.WrittenSpan);
            json.WriteEndObject();
            json.WriteRaw("finish_reason"u8, FinishReason ?? (_calls.Count > 0 ? "\"tool_calls\""u8 : "\"stop\""u8));
            WriteEnd(json);
            json.WriteEndObject();
        }

        private void WriteEnd(Utf8JsonWriter json)
        {
            if (_stopSequence is not null)
            {
                json.WriteRaw("stop_sequence"u8, _stopSequence);
            }

            if (_end is not null)
            {
                json.WriteRaw("x_anthropic"u8, _end);
            }
        }

        private Call CallOf(JsonElement delta)
        {
            var function = delta.Has("function"u8, JsonValueKind.Object, out var found) ? found : default;
            var hasArguments = function.Has("arguments"u8, JsonValueKind.String, out var arguments) && arguments.RawText().Length > 0;
            int? index = delta.Has("index"u8, JsonValueKind.Number, out var number) && number.TryGetInt32(out var given) ? given : null;
            var progress = _sequence.Of(index, Text(delta, "id"u8), Text(function, "name"u8), hasArguments);
            if (progress is { State: CallState.Pending, SourceName: { } name })
            {
                (progress.State, progress.WrittenName) = (CallState.Accepted, name);
            }

            if (_calls.Find(c => c.Progress == progress) is not { } call)
            {
                _calls.Add(call = new Call(progress));
            }

            return call;
        }

        private static string? Text(JsonElement parent, ReadOnlySpan<byte> name) =>
            parent.Has(name, JsonValueKind.String, out var value) && value.RawText().Length > 0 ? JsonText.Unescape(value.RawText()) : null;
    }

    private sealed class Call(CallProgress progress)
    {
        private byte[]? _id;
        private byte[]? _extra;
        private ArrayBufferWriter<byte>? _name;
        private readonly ArrayBufferWriter<byte> _arguments = new();

        public CallProgress Progress => progress;

        public void Add(JsonElement delta)
        {
            Keep(delta, "id"u8, ref _id);
            Keep(delta, "extra_content"u8, ref _extra);
            if (delta.Has("function"u8, JsonValueKind.Object, out var function))
            {
                AddFunction(function);
            }
        }

        public void AddFunction(JsonElement function)
        {
            // Some servers repeat the whole name with every piece.
            if (_name is null || _name.WrittenCount == 0)
            {
                Append(ref _name, function, "name"u8);
            }

            if (function.Has("arguments"u8, JsonValueKind.String, out var arguments))
            {
                AddArguments(arguments.RawText());
            }
        }

        // An empty object at the head of a call may only hold the place of arguments to come.
        private void AddArguments(ReadOnlySpan<byte> piece)
        {
            if (_arguments.WrittenCount == 0 && piece.SequenceEqual("{}"u8))
            {
                progress.HoldsEmptyObject = true;
            }
            else if (piece.Length > 0)
            {
                if (progress.HoldsEmptyObject && piece.TrimStart((byte)' ') is [(byte)'{', ..])
                {
                    _arguments.ResetWrittenCount();
                }

                progress.HoldsEmptyObject = false;
                progress.Arguments.Add(piece, isQuoted: true);
            }

            _arguments.Write(piece);
        }

        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            if (_id is not null)
            {
                json.WriteRaw("id"u8, _id);
            }

            json.WriteString("type"u8, "function"u8);
            json.WritePropertyName("function"u8);
            WriteFunction(json);
            if (_extra is not null)
            {
                json.WriteRaw("extra_content"u8, _extra);
            }

            json.WriteEndObject();
        }

        public void WriteFunction(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            CompletionFold.Write(json, "name"u8, _name ?? new ArrayBufferWriter<byte>(1));
            CompletionFold.Write(json, "arguments"u8, _arguments);
            json.WriteEndObject();
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects.Completions;

/// <summary>Answers as <c>text_completion</c> objects: the text and how it ended; roles, calls and reasoning have no place in them.</summary>
internal sealed class CompletionsShape(bool wantsUsage) : AnswerShape
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public override ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension)
    {
        using var document = JsonReading.Document(completion);
        var root = document.RootElement;
        var output = new ArrayBufferWriter<byte>(completion.Length + 64);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WritePropertyName("id"u8);
            json.WriteRawValue(Id(root.Has("id"u8, JsonValueKind.String, out var id) ? id.Raw() : default), skipInputValidation: true);
            json.WriteString("object"u8, "text_completion"u8);
            WriteOr(json, "created"u8, root, "0"u8);
            WriteOr(json, "model"u8, root, "\"\""u8);
            json.WriteStartArray("choices"u8);
            if (root.Has("choices"u8, JsonValueKind.Array, out var choices))
            {
                foreach (var choice in choices.EnumerateArray())
                {
                    WriteChoice(json, choice);
                }
            }

            json.WriteEndArray();
            if (root.Has("usage"u8, out var usage))
            {
                json.WriteRaw("usage"u8, usage);
            }

            if (!extension.IsEmpty)
            {
                json.WritePropertyName("x_meta_model"u8);
                json.WriteRawValue(extension.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    public override void Write(in ChatStreamEvent answer, IBufferWriter<byte> output)
    {
        if (answer.Kind is not StreamEventKind.Chunk)
        {
            output.Write(answer.Raw.Span);
            return;
        }

        var shape = answer.Shape;
        // The opening chunk names a role, which a completion has not.
        if (!shape.HasChoice || (shape.HasRole && shape.Content.IsAbsent && shape.FinishReason.IsAbsent))
        {
            return;
        }

        var data = answer.Data.Span;
        Begin(shape.Id.In(data), shape.Created.In(data), shape.Model.In(data));
        _buffer.Write("[{\"text\":\""u8);
        _buffer.Write(shape.Content.In(data));
        _buffer.Write("\",\"index\":0,\"logprobs\":null,\"finish_reason\":"u8);
        if (shape.FinishReason.IsPresent)
        {
            _buffer.Write("\""u8);
            _buffer.Write(shape.FinishReason.In(data));
            _buffer.Write("\"}]"u8);
        }
        else
        {
            _buffer.Write("null}]"u8);
        }

        End(default, output);
    }

    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        var usage = wantsUsage ? report.TotalUsage() : null;
        if (usage is not null || !extension.IsEmpty)
        {
            var labels = stream.Labels;
            Begin(System.Text.Encoding.UTF8.GetBytes(labels.Id), System.Text.Encoding.UTF8.GetBytes(labels.Created), System.Text.Encoding.UTF8.GetBytes(labels.Model));
            _buffer.Write("[]"u8);
            if (usage is not null)
            {
                _buffer.Write(",\"usage\":"u8);
                _buffer.Write(usage.ToJson());
            }

            End(extension.Span, output);
        }

        output.Write(SseFrame.Done.Span);
    }

    private static void WriteChoice(Utf8JsonWriter json, JsonElement choice)
    {
        if (choice.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("text"u8);
        WriteText(json, choice);
        WriteOr(json, "index"u8, choice, "0"u8);
        WriteOr(json, "logprobs"u8, choice, "null"u8);
        WriteOr(json, "finish_reason"u8, choice, "null"u8);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, JsonElement choice)
    {
        var content = choice.Has("message"u8, JsonValueKind.Object, out var message) && message.Has("content"u8, out var found) ? found : default;
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                json.WriteRawValue(content.Raw(), skipInputValidation: true);
                break;
            case JsonValueKind.Array:
                json.WriteStringValue(string.Concat(content.EnumerateArray().Select(TextOf)));
                break;
            default:
                json.WriteStringValue(""u8);
                break;
        }
    }

    private static string TextOf(JsonElement part) =>
        part.Has("type"u8, out var type) && type.TryGetText(out var kind) && kind is "text"
        && part.Has("text"u8, out var text) && text.TryGetText(out var found)
            ? found
            : "";

    private static void WriteOr(Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement owner, ReadOnlySpan<byte> otherwise)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(owner.Has(name, out var value) ? value.Raw() : otherwise, skipInputValidation: true);
    }

    private void Begin(ReadOnlySpan<byte> id, ReadOnlySpan<byte> created, ReadOnlySpan<byte> model)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("data: {\"id\":"u8);
        _buffer.Write(Id(id));
        _buffer.Write(",\"object\":\"text_completion\",\"created\":"u8);
        _buffer.Write(created.IsEmpty ? "0"u8 : created);
        _buffer.Write(",\"model\":"u8);
        _buffer.Write(model.IsEmpty ? "\"\""u8 : model);
        _buffer.Write(",\"choices\":"u8);
    }

    private void End(ReadOnlySpan<byte> extension, IBufferWriter<byte> output)
    {
        if (!extension.IsEmpty)
        {
            _buffer.Write(",\"x_meta_model\":"u8);
            _buffer.Write(extension);
        }

        _buffer.Write("}\n\n"u8);
        output.Write(_buffer.WrittenSpan);
    }

    /// <summary>A chat id as the id of a completion: its prefix replaced, or one put in front.</summary>
    private static ReadOnlySpan<byte> Id(ReadOnlySpan<byte> chatId)
    {
        if (chatId.Length <= 2 || chatId[0] != '"')
        {
            return "\"cmpl-?\""u8;
        }

        var text = chatId[1..];
        return text.StartsWith("cmpl-"u8) ? chatId
            : text.StartsWith("chatcmpl-"u8) ? (byte[])[(byte)'"', .. text["chat"u8.Length..]]
            : [.. "\"cmpl-"u8, .. text];
    }
}

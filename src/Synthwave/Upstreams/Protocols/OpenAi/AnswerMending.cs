using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Writes a chunk or a completion as OpenAI would have: labels, content that is a list as text, the role, a finish reason clients know, usage outside the choice.
/// Whatever it does not know stays as it was sent. For documents that were found to need it only.
/// </summary>
internal static class AnswerMending
{
    /// <summary>A chunk mended.</summary>
    /// <param name="payload">A valid JSON object.</param>
    /// <param name="isFirst">No delta before it has named the role.</param>
    /// <param name="hasCalls">Calls came before it.</param>
    /// <param name="labels">What the chunk is given where it lacks an id, a time or a model; null = a chunk of no chat, whose labels stay as they are.</param>
    /// <param name="output">Takes the document.</param>
    public static void Chunk(ReadOnlyMemory<byte> payload, bool isFirst, bool hasCalls, StreamLabels? labels, IBufferWriter<byte> output)
    {
        using var document = JsonReading.Document(payload);
        Write(document.RootElement, new(IsChunk: true, isFirst, hasCalls), labels, output);
    }

    /// <summary>A completion mended; a valid JSON object. What it lacks comes from <paramref name="missing"/>.</summary>
    public static ReadOnlyMemory<byte> Completion(ReadOnlyMemory<byte> json, AnswerLabels missing)
    {
        using var document = JsonReading.Document(json);
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        Write(document.RootElement, new(IsChunk: false, IsFirst: true, HasCalls: false), missing.Of(document.RootElement), output);
        return output.WrittenMemory;
    }

    private static void Write(JsonElement root, Form form, StreamLabels? labels, IBufferWriter<byte> output)
    {
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        if (labels is { } given)
        {
            WriteLabel(json, root, "id"u8, JsonValueKind.String, given.Id);
            json.WriteString("object"u8, form.IsChunk ? "chat.completion.chunk"u8 : "chat.completion"u8);
            WriteLabel(json, root, "created"u8, JsonValueKind.Number, given.Created);
            WriteLabel(json, root, "model"u8, JsonValueKind.String, given.Model);
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!member.IsNamed("choices"u8) && !(labels is not null && IsLabel(member)))
            {
                json.WriteRaw(member);
            }
        }

        if (root.Has("choices"u8, JsonValueKind.Array, out var choices))
        {
            json.WriteStartArray("choices"u8);
            var position = 0;
            foreach (var choice in choices.EnumerateArray())
            {
                WriteChoice(json, choice, form, labels is null ? null : position++);
            }

            json.WriteEndArray();
            if (!root.Has("usage"u8, JsonValueKind.Object, out _) && FindUsage(choices) is { } usage)
            {
                json.WriteRaw("usage"u8, usage);
            }
        }
        else if (labels is not null)
        {
            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool IsLabel(JsonProperty member) => member.IsNamed("id"u8) || member.IsNamed("object"u8) || member.IsNamed("created"u8) || member.IsNamed("model"u8);

    // A label of its own stays, also where it differs from those of the chunks before.
    private static void WriteLabel(Utf8JsonWriter json, JsonElement root, ReadOnlySpan<byte> name, JsonValueKind kind, string otherwise)
    {
        var isKept = root.Has(name, kind, out var value) && (kind is JsonValueKind.Number ? value.TryGetInt64(out _) : value.RawText().Length > 0);
        if (isKept)
        {
            json.WriteRaw(name, value);
        }
        else
        {
            json.WritePropertyName(name);
            json.WriteRawValue(otherwise);
        }
    }

    private static JsonElement? FindUsage(JsonElement choices)
    {
        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.Has("usage"u8, JsonValueKind.Object, out var usage))
            {
                return usage;
            }
        }

        return null;
    }

    // The position is the index of a choice that names none; null = it stays without.
    private static void WriteChoice(Utf8JsonWriter json, JsonElement choice, Form form, int? position)
    {
        if (choice.ValueKind is not JsonValueKind.Object)
        {
            json.WriteRaw(choice);
            return;
        }

        var hasMessage = choice.Has(form.IsChunk ? "delta"u8 : "message"u8, JsonValueKind.Object, out var message);
        json.WriteStartObject();
        if (position is { } index && !choice.Has("index"u8, JsonValueKind.Number, out _))
        {
            json.WriteNumber("index"u8, index);
        }

        foreach (var member in choice.EnumerateObject())
        {
            var isWrittenAnew = member.IsNamed("finish_reason"u8) || member.IsNamed("usage"u8) || (hasMessage && member.IsNamed(form.IsChunk ? "delta"u8 : "message"u8))
                || (position is not null && ((member.IsNamed("index"u8) && member.Value.ValueKind is not JsonValueKind.Number) || (form.IsChunk && member.IsNamed("delta"u8))));
            if (!isWrittenAnew)
            {
                json.WriteRaw(member);
            }
        }

        if (hasMessage)
        {
            json.WriteStartObject(form.IsChunk ? "delta"u8 : "message"u8);
            WriteMessage(json, message, form);
            json.WriteEndObject();
        }
        else if (form.IsChunk && position is not null)
        {
            json.WriteStartObject("delta"u8);
            json.WriteEndObject();
        }

        var reason = choice.Has("finish_reason"u8, JsonValueKind.String, out var given) ? given.RawText() : default;
        if (reason.IsEmpty && form.IsChunk)
        {
            json.WriteNull("finish_reason"u8);
        }
        else
        {
            var hasCalls = form.HasCalls || (message.Has("tool_calls"u8, JsonValueKind.Array, out var calls) && calls.GetArrayLength() > 0);
            json.WriteString("finish_reason"u8, FinishReasons.Of(reason, hasCalls));
        }

        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, JsonElement message, Form form)
    {
        var parts = message.TryGet("content"u8, out var content) ? ContentParts.Of(content) : null;
        var hasRole = message.Has("role"u8, JsonValueKind.String, out var role) && role.RawText().Length > 0;
        if (form.IsFirst && !hasRole)
        {
            json.WriteString("role"u8, "assistant"u8);
        }

        foreach (var member in message.EnumerateObject())
        {
            if (!(!hasRole && member.IsNamed("role"u8)) && !(parts is not null && IsReplaced(member, parts)))
            {
                json.WriteRaw(member);
            }
        }

        if (parts is null)
        {
            return;
        }

        // No text is no content: a reader of deltas takes an empty one for the beginning of the answer.
        if (parts.Text.Length > 0 || !form.IsChunk)
        {
            WriteText(json, "content"u8, default, parts.Text);
        }

        if (parts.Reasoning.Length > 0)
        {
            WriteText(json, "reasoning_content"u8, Existing(message, "reasoning_content"u8), parts.Reasoning);
        }

        if (parts.Refusal.Length > 0)
        {
            WriteText(json, "refusal"u8, Existing(message, "refusal"u8), parts.Refusal);
        }

        if (parts.Images.Count > 0)
        {
            json.WriteStartArray("images"u8);
            foreach (var image in parts.Images)
            {
                json.WriteRaw(image);
            }

            json.WriteEndArray();
        }
    }

    private static bool IsReplaced(JsonProperty member, ContentParts parts) =>
        member.IsNamed("content"u8) || (parts.Reasoning.Length > 0 && member.IsNamed("reasoning_content"u8)) ||
        (parts.Refusal.Length > 0 && member.IsNamed("refusal"u8)) || (parts.Images.Count > 0 && member.IsNamed("images"u8));

    private static ReadOnlySpan<byte> Existing(JsonElement message, ReadOnlySpan<byte> name) =>
        message.Has(name, JsonValueKind.String, out var text) ? text.RawText() : default;

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> before, ReadOnlySpan<byte> text) =>
        json.WriteRaw(name, (byte[])[(byte)'"', .. before, .. text, (byte)'"']);

    private readonly record struct Form(bool IsChunk, bool IsFirst, bool HasCalls);
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Writes a chunk or a completion as OpenAI would have: content that is a list as text, the role, a finish reason clients know. Whatever it does not
/// know stays as it was sent. For documents that were found to need it only.
/// </summary>
internal static class AnswerMending
{
    /// <summary>A chunk mended.</summary>
    /// <param name="payload">A valid JSON object.</param>
    /// <param name="isFirst">No delta before it has named the role.</param>
    /// <param name="hasCalls">Calls came before it.</param>
    /// <param name="output">Takes the document.</param>
    public static void Chunk(ReadOnlyMemory<byte> payload, bool isFirst, bool hasCalls, IBufferWriter<byte> output) =>
        Write(payload, new(IsChunk: true, isFirst, hasCalls), output);

    /// <summary>A completion mended; a valid JSON object.</summary>
    public static ReadOnlyMemory<byte> Completion(ReadOnlyMemory<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        Write(json, new(IsChunk: false, IsFirst: true, HasCalls: false), output);
        return output.WrittenMemory;
    }

    private static void Write(ReadOnlyMemory<byte> payload, Form form, IBufferWriter<byte> output)
    {
        using var document = JsonReading.Document(payload);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!member.IsNamed("choices"u8))
            {
                json.WriteRaw(member);
            }
        }

        if (document.RootElement.Has("choices"u8, JsonValueKind.Array, out var choices))
        {
            json.WriteStartArray("choices"u8);
            foreach (var choice in choices.EnumerateArray())
            {
                WriteChoice(json, choice, form);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, JsonElement choice, Form form)
    {
        if (choice.ValueKind is not JsonValueKind.Object)
        {
            json.WriteRaw(choice);
            return;
        }

        var hasMessage = choice.Has(form.IsChunk ? "delta"u8 : "message"u8, JsonValueKind.Object, out var message);
        json.WriteStartObject();
        foreach (var member in choice.EnumerateObject())
        {
            if (!member.IsNamed("finish_reason"u8) && !(hasMessage && member.IsNamed(form.IsChunk ? "delta"u8 : "message"u8)))
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

using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>The content blocks of a finished answer: thinking, text, calls.</summary>
internal static class MessageBlocks
{
    /// <param name="choice">The chat's.</param>
    /// <param name="wantsReasoning">The client is shown thinking.</param>
    /// <param name="ids">What the calls are called.</param>
    /// <param name="json">Within the array of blocks.</param>
    public static void Write(JsonElement choice, bool wantsReasoning, MessageCallIds ids, Utf8JsonWriter json)
    {
        if (!choice.Has("message"u8, out var message) || message.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        if (message.Has("x_anthropic"u8, JsonValueKind.Array, out var own))
        {
            OwnBlocks.Write(own, message, wantsReasoning, ids, json);
            return;
        }

        if (wantsReasoning)
        {
            WriteThinking(message, json);
        }

        if (message.Has("content"u8, out var content))
        {
            WriteText(content, json);
        }

        if (message.Has("refusal"u8, out var refusal))
        {
            WriteText(refusal, json);
        }

        if (message.Has("tool_calls"u8, JsonValueKind.Array, out var calls))
        {
            foreach (var call in ChatCallDelta.ReadAll(calls.Raw().ToArray()))
            {
                WriteCall(call, ids, json);
            }
        }
        else if (message.Has("function_call"u8, JsonValueKind.Object, out var legacy))
        {
            WriteCall(ChatCallDelta.ReadLegacy(legacy.Raw().ToArray()), ids, json);
        }
    }

    private static void WriteThinking(JsonElement message, Utf8JsonWriter json)
    {
        if (message.Has("thinking_blocks"u8, JsonValueKind.Array, out var blocks) && blocks.GetArrayLength() > 0)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                json.WriteRawValue(block.Raw(), skipInputValidation: true);
            }

            return;
        }

        if ((message.Has("reasoning_content"u8, out var reasoning) || message.Has("reasoning"u8, out reasoning)) && reasoning.ValueKind is JsonValueKind.String)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "thinking"u8);
            json.WriteRaw("thinking"u8, reasoning);
            json.WriteString("signature"u8, ""u8);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes the block of a text, of several where it has parts, none where it says nothing.</summary>
    public static void WriteText(JsonElement content, Utf8JsonWriter json)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String when content.Raw().Length > 2:
                json.WriteStartObject();
                json.WriteString("type"u8, "text"u8);
                json.WriteRaw("text"u8, content);
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                foreach (var part in content.EnumerateArray())
                {
                    if (part.Has("text"u8, JsonValueKind.String, out var text))
                    {
                        WriteText(text, json);
                    }
                }

                break;
        }
    }

    /// <summary>The members of a call that a chat's has not, each behind a comma.</summary>
    public static byte[] FurtherMembers(JsonElement call)
    {
        var output = new ArrayBufferWriter<byte>(64);
        foreach (var member in call.EnumerateObject())
        {
            if (!(member.IsNamed("type"u8) || member.IsNamed("id"u8) || member.IsNamed("name"u8) || member.IsNamed("input"u8)))
            {
                output.Write(","u8);
                output.WriteName(member);
                output.Write(member.Value.Raw());
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a call's block. An input is an object: what a model wrote that is none is kept under a name of our own rather than lost.</summary>
    /// <param name="call">As a chat has it.</param>
    /// <param name="ids">What it is called.</param>
    /// <param name="json">Within the array of blocks.</param>
    /// <param name="further">Its block in the API's own words, whose further members are told; undefined = there is none.</param>
    public static void WriteCall(ChatCallDelta call, MessageCallIds ids, Utf8JsonWriter json, JsonElement further = default)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WritePropertyName("id"u8);
        json.WriteRawValue((byte[])[(byte)'"', .. ids.OfNext(call.Id.Span), (byte)'"'], skipInputValidation: true);
        json.WritePropertyName("name"u8);
        json.WriteRawValue((byte[])[(byte)'"', .. call.Name.Span, (byte)'"'], skipInputValidation: true);
        json.WritePropertyName("input"u8);
        json.WriteRawValue(InputOf(call.Arguments.Span), skipInputValidation: true);
        foreach (var member in further.ValueKind is JsonValueKind.Object ? further.EnumerateObject() : default)
        {
            if (!(member.IsNamed("type"u8) || member.IsNamed("id"u8) || member.IsNamed("name"u8) || member.IsNamed("input"u8)))
            {
                json.WriteRaw(member);
            }
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> InputOf(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IsEmpty)
        {
            return "{}"u8;
        }

        var text = new byte[escaped.Length];
        if (JsonText.TryDecode(escaped, text, out var length) && JsonReading.IsEmbeddable(text.AsSpan(0, length)))
        {
            return text.AsSpan(0, length);
        }

        return (byte[])[.. "{\"_raw\":\""u8, .. escaped, .. "\"}"u8];
    }
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// A finished answer whose blocks came along as its model wrote them. What the gateway made of texts and calls on the way counts: a text that was cleaned
/// stands where the first one stood, a call that was taken out is gone.
/// </summary>
internal static class OwnBlocks
{
    /// <param name="own">The blocks.</param>
    /// <param name="message">The chat's message, with what was made of them.</param>
    /// <param name="wantsReasoning">The client is shown thinking.</param>
    /// <param name="ids">What the calls are called.</param>
    /// <param name="json">Within the array of blocks.</param>
    public static void Write(JsonElement own, JsonElement message, bool wantsReasoning, MessageCallIds ids, Utf8JsonWriter json)
    {
        var calls = message.Has("tool_calls"u8, JsonValueKind.Array, out var list) ? ChatCallDelta.ReadAll(list.Raw().ToArray()) : [];
        var content = message.Has("content"u8, out var text) ? text : default;
        var isSame = content.ValueKind is not JsonValueKind.String || content.RawText().SequenceEqual(TextOf(own));
        var hasText = false;
        foreach (var block in own.EnumerateArray())
        {
            if (block.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            switch (BlockCheck.KindOf(block))
            {
                case "thinking" or "redacted_thinking":
                    if (wantsReasoning)
                    {
                        json.WriteRaw(block);
                    }

                    break;
                case "text" when isSame:
                    json.WriteRaw(block);
                    break;
                case "text":
                    if (!hasText)
                    {
                        MessageBlocks.WriteText(content, json);
                    }

                    hasText = true;
                    break;
                case "tool_use":
                    var id = block.TryGet("id"u8, out var given) ? given.RawText().ToArray() : [];
                    if (calls.FindIndex(c => c.Id.Span.SequenceEqual(id)) is >= 0 and var at)
                    {
                        MessageBlocks.WriteCall(calls[at], ids, json, block);
                    }

                    break;
                default:
                    json.WriteRaw(block);
                    break;
            }
        }
    }

    // As the chat has it, escapes included.
    private static ReadOnlySpan<byte> TextOf(JsonElement own)
    {
        var text = new ArrayBufferWriter<byte>(256);
        foreach (var block in own.EnumerateArray())
        {
            if (block.Is("type"u8, "text"u8) && block.TryGet("text"u8, out var piece))
            {
                text.Write(piece.RawText());
            }
        }

        return text.WrittenSpan;
    }
}

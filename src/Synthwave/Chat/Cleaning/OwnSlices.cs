using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>
/// A completion whose model's own blocks stand beside it, cut into the same chunks as its stream would have had: in the blocks' order, each with what a chat
/// has no word for as <c>x_anthropic</c>.
/// </summary>
internal static class OwnSlices
{
    /// <param name="own">The blocks.</param>
    /// <param name="calls">The message's calls, each as the value of a delta's <c>tool_calls</c>, by id.</param>
    /// <param name="composer">For the stream.</param>
    public static IEnumerable<byte[]> Of(JsonElement own, IReadOnlyDictionary<string, byte[]> calls, ChunkComposer composer)
    {
        foreach (var block in own.EnumerateArray())
        {
            if (block.Is("type"u8, "thinking"u8) || block.Is("type"u8, "redacted_thinking"u8))
            {
                yield return composer.Delta(block, WriteThinking);
            }
            else if (block.Is("type"u8, "text"u8))
            {
                yield return composer.Delta(JsonEdits.WithMember(block.Raw().ToArray(), "text"u8, "\"\""u8.ToArray()), static (json, start) => WriteStart(json, start.Span));
                foreach (var piece in SlicedText.Cut(block.FindText("text") ?? ""))
                {
                    yield return composer.Content(piece);
                }
            }
            else if (block.Is("type"u8, "tool_use"u8))
            {
                if (calls.TryGetValue(block.FindText("id") ?? "", out var call))
                {
                    yield return composer.Delta((block, call), static (json, item) =>
                    {
                        json.WriteRaw("tool_calls"u8, item.call);
                        WriteStart(json, item.block.Raw());
                    });
                }
            }
            else if (block.ValueKind is JsonValueKind.Object)
            {
                yield return composer.Delta(block, static (json, block) => WriteStart(json, block.Raw()));
                yield return composer.Delta(0, static (json, _) => json.WriteRaw("x_anthropic"u8, "{\"type\":\"content_block_stop\"}"u8));
            }
        }
    }

    private static void WriteThinking(Utf8JsonWriter json, JsonElement block)
    {
        if (block.Has("thinking"u8, JsonValueKind.String, out var thought) && !thought.RawText().IsEmpty)
        {
            json.WriteRaw("reasoning_content"u8, thought);
        }

        json.WriteStartArray("thinking_blocks"u8);
        json.WriteRaw(block);
        json.WriteEndArray();
    }

    private static void WriteStart(Utf8JsonWriter json, ReadOnlySpan<byte> block)
    {
        json.WriteStartObject("x_anthropic"u8);
        json.WriteString("type"u8, "content_block_start"u8);
        json.WriteRaw("content_block"u8, block);
        json.WriteEndObject();
    }
}

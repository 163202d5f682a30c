using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Json;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>A message → a chat completion. Blocks of kinds a chat has no place for are told to clients of the same API only.</summary>
internal static class AnthropicReply
{
    public static ProtocolReply Read(int status, ReadOnlyMemory<byte> body, ThinkingMemory memory, Asking asked, TimeProvider time)
    {
        JsonDocument document;
        try
        {
            if (!Utf8.IsValid(body.Span))
            {
                return Malformed(status);
            }

            document = JsonReading.Document(body);
        }
        catch (JsonException)
        {
            return Malformed(status);
        }

        using (document)
        {
            var message = document.RootElement;
            if (message.ValueKind is not JsonValueKind.Object)
            {
                return Malformed(status);
            }

            if (message.Is("type"u8, "error"u8))
            {
                return new ProtocolReply(new FaultedUpstreamReply(AnthropicErrors.ReadEvent(body)));
            }

            return message.Is("type"u8, "message"u8) && message.Has("content"u8, JsonValueKind.Array, out var content)
                ? Translate(status, message, content, memory, asked, time)
                : Malformed(status);
        }
    }

    private static ProtocolReply Translate(int status, JsonElement message, JsonElement content, ThinkingMemory memory, Asking asked, TimeProvider time)
    {
        var tellsEnd = AnthropicOwn.IsEndWanted(asked.Conversation);
        var usage = new AnthropicUsage(tellsEnd);
        if (message.Has("usage"u8, out var counters))
        {
            usage.Take(counters);
        }

        var output = new ArrayBufferWriter<byte>(1024);
        output.Write("{\"id\":"u8);
        output.Write(message.Has("id"u8, JsonValueKind.String, out var id) ? id.Raw() : "\"\""u8);
        output.Write(",\"object\":\"chat.completion\",\"created\":"u8);
        AnthropicStop.WriteNumber(output, time.GetUtcNow().ToUnixTimeSeconds());
        var model = message.Has("model"u8, JsonValueKind.String, out var name) ? name.Raw() : default;
        output.Write(",\"model\":"u8);
        output.Write(model.IsEmpty ? "\"\""u8 : model);
        output.Write(",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\""u8);
        WriteContent(content, output);
        WriteThinking(content, output, memory, asked);
        WriteCalls(content, output);
        if (AnthropicOwn.IsWanted(asked.Conversation) && AnthropicOwn.NeedsBlocks(content))
        {
            output.Write(",\"x_anthropic\":"u8);
            output.Write(content.Raw());
        }

        output.Write("},"u8);
        AnthropicStop.Write(message, output);
        if (tellsEnd)
        {
            AnthropicOwn.WriteEnd([message], output);
        }

        output.Write("}]"u8);
        if (usage.Total is { } total)
        {
            output.Write(",\"usage\":"u8);
            output.Write(total.ToJson());
        }

        output.Write("}"u8);
        return new ProtocolReply(new CompleteUpstreamReply(status, output.WrittenMemory))
        {
            Model = model.Length > 2 ? JsonText.Unescape(model[1..^1]) : null,
            Usage = usage.Total,
            FinishReason = AnthropicStop.ToFinishReason(message.TryGet("stop_reason"u8, out var reason) ? reason : default),
        };
    }

    private static void WriteContent(JsonElement content, ArrayBufferWriter<byte> output)
    {
        output.Write(",\"content\":"u8);
        var isOpen = false;
        foreach (var block in content.EnumerateArray())
        {
            if (IsOf(block, "text"u8) && block.TryGet("text"u8, out var text) && text.RawText() is { IsEmpty: false } escaped)
            {
                output.Write(isOpen ? default : "\""u8);
                isOpen = true;
                output.Write(escaped);
            }
        }

        output.Write(isOpen ? "\""u8 : "null"u8);
    }

    private static void WriteThinking(JsonElement content, ArrayBufferWriter<byte> output, ThinkingMemory memory, Asking asked)
    {
        var (blocks, text) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        foreach (var block in content.EnumerateArray())
        {
            if (IsOf(block, "thinking"u8) || IsOf(block, "redacted_thinking"u8))
            {
                blocks.Write(blocks.WrittenCount == 0 ? "["u8 : ","u8);
                blocks.Write(block.Raw());
                text.Write(block.TryGet("thinking"u8, out var thought) ? thought.RawText() : default);
            }
        }

        if (blocks.WrittenCount == 0)
        {
            return;
        }

        blocks.Write("]"u8);
        if (text.WrittenCount > 0)
        {
            output.Write(",\"reasoning_content\":\""u8, text.WrittenSpan, "\""u8);
        }

        output.Write(",\"thinking_blocks\":"u8);
        output.Write(blocks.WrittenSpan);
        CallMemory? kept = null;
        foreach (var block in content.EnumerateArray())
        {
            if (IsOf(block, "tool_use"u8) && block.FindText("id") is { Length: > 0 } id)
            {
                kept ??= CallMemory.After(memory, asked);
                kept.Keep(id, block.FindText("name") ?? "", block.Has("input"u8, out var input) ? Encoding.UTF8.GetString(input.Raw()) : "", blocks.WrittenMemory);
            }
        }
    }

    private static void WriteCalls(JsonElement content, ArrayBufferWriter<byte> output)
    {
        var isOpen = false;
        foreach (var block in content.EnumerateArray())
        {
            if (!IsOf(block, "tool_use"u8))
            {
                continue;
            }

            output.Write(isOpen ? ","u8 : ",\"tool_calls\":["u8);
            isOpen = true;
            output.Write("{\"id\":\""u8, block.TryGet("id"u8, out var id) ? id.RawText() : default, "\",\"type\":\"function\",\"function\":{\"name\":\""u8);
            output.Write(block.TryGet("name"u8, out var name) ? name.RawText() : default);
            output.Write("\",\"arguments\":"u8);
            var input = block.Has("input"u8, out var value) ? value.Raw() : "{}"u8;
            output.Write("\""u8);
            JsonText.Escape(Encoding.UTF8.GetString(input), output);
            output.Write("\"}}"u8);
        }

        output.Write(isOpen ? "]"u8 : default);
    }

    private static bool IsOf(JsonElement block, ReadOnlySpan<byte> type) => block.Is("type"u8, type);

    private static ProtocolReply Malformed(int status) => new(new FaultedUpstreamReply(new UpstreamFault(UpstreamFaultKind.Malformed) { Status = status }));
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Leaves out assistant turns of which a chat can say nothing, such as one that holds only what Anthropic's servers did: many servers refuse a message without
/// content and calls. The user turns around such a turn become one, for templates that want the two roles in turn.
/// </summary>
internal static class UnsaidTurns
{
    /// <summary>The messages without such turns; null = there is none.</summary>
    /// <param name="messages">As the gateway itself has translated them.</param>
    public static ReadOnlyMemory<byte>? LeaveOut(ReadOnlyMemory<byte> messages)
    {
        if (messages.Span.IndexOf("\"content\":null}"u8) < 0 && messages.Span.IndexOf("\"content\":null,\"x_reasoning\""u8) < 0)
        {
            return null;
        }

        using var document = JsonReading.Document(messages);
        if (document.RootElement.ValueKind is not JsonValueKind.Array || !document.RootElement.EnumerateArray().Any(IsUnsaid))
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(messages.Length);
        var run = new List<JsonElement>();
        var isAfterGap = false;
        foreach (var message in document.RootElement.EnumerateArray())
        {
            if (IsUnsaid(message))
            {
                isAfterGap = true;
                continue;
            }

            if (!(isAfterGap && run is [.., var before] && IsUser(before) && IsUser(message)))
            {
                Write(run, output);
                run.Clear();
            }

            run.Add(message);
            isAfterGap = false;
        }

        Write(run, output);
        output.Write(output.WrittenCount == 0 ? "[]"u8 : "]"u8);
        return output.WrittenMemory;
    }

    private static bool IsUnsaid(JsonElement message) => message.Is("role"u8, "assistant"u8) && !message.Has("content"u8, out _) && !message.Has("tool_calls"u8, out _);

    private static bool IsUser(JsonElement message) => message.Is("role"u8, "user"u8)
        && message.Has("content"u8, out var content) && content.ValueKind is JsonValueKind.String or JsonValueKind.Array;

    // One message goes as it is; several are one, a blank line between texts.
    private static void Write(List<JsonElement> run, ArrayBufferWriter<byte> output)
    {
        if (run.Count == 0)
        {
            return;
        }

        output.Write(output.WrittenCount == 0 ? "["u8 : ","u8);
        if (run is [var only])
        {
            output.Write(only.Raw());
            return;
        }

        var areTexts = run.TrueForAll(static m => m.Get("content"u8).ValueKind is JsonValueKind.String);
        output.Write("{\"role\":\"user\",\"content\":"u8, areTexts ? "\""u8 : "["u8, default);
        var isFirst = true;
        foreach (var content in run.Select(static m => m.Get("content"u8)))
        {
            var said = content.ValueKind is JsonValueKind.String ? content.RawText() : content.Raw().Trim("[] \t\r\n"u8);
            if (said.IsEmpty)
            {
                continue;
            }

            output.Write(isFirst ? default : areTexts ? "\\n\\n"u8 : ","u8);
            isFirst = false;
            var isText = !areTexts && content.ValueKind is JsonValueKind.String;
            output.Write(isText ? "{\"type\":\"text\",\"text\":\""u8 : default, said, isText ? "\"}"u8 : default);
        }

        output.Write(areTexts ? "\"}"u8 : "]}"u8);
    }
}

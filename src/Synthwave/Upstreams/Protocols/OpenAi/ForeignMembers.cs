using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Reasoning;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Takes out of a body what only an Anthropic model understands: the request's <c>x_anthropic</c>, and with it <c>thinking_blocks</c>, <c>cache_control</c>
/// and <c>is_error</c>, which is said in words instead, among messages and tools. Content that is nothing but text then becomes a text, which every server takes. Bodies without
/// <c>x_anthropic</c> are left alone: what their client wrote is the upstream's to judge.
/// </summary>
internal static class ForeignMembers
{
    private const string Extension = "x_anthropic";

    // As the gateway itself writes it.
    private static ReadOnlySpan<byte> Parts => "\"content\":["u8;

    private static ReadOnlySpan<byte> Own => "\"x_anthropic\""u8;

    private static ReadOnlySpan<byte> CacheControl => "\"cache_control\""u8;

    /// <param name="body">Any body.</param>
    /// <param name="thinks">Whether the upstream's model reasons, so that a wish for thinking becomes <c>reasoning_effort</c>.</param>
    public static ChatBody Strip(ChatBody body, bool thinks)
    {
        if (!body.TryGet(Extension, out var extension))
        {
            return body;
        }

        if (thinks && !body.TryGet("reasoning_effort", out _) && EffortOf(extension) is { } effort)
        {
            body = body.With("reasoning_effort", effort);
        }

        body = body.Without(Extension);
        if (body.TryGet("messages", out var messages)
            && (Mentions(messages.Span, CacheControl, "\"thinking_blocks\""u8, "\"is_error\""u8) || Mentions(messages.Span, Parts, "\"reasoning_content\""u8, Own)))
        {
            body = body.With("messages", messages = Rewrite(messages, WriteMessage));
        }

        if (UnsaidTurns.LeaveOut(messages) is { } said)
        {
            body = body.With("messages", said);
        }

        return body.TryGet("tools", out var tools) && Mentions(tools.Span, CacheControl, default, default)
            ? body.With("tools", Rewrite(tools, static (tool, output) => WriteWithout(tool, output, "cache_control"u8)))
            : body;
    }

    /// <summary>
    /// Whether the body holds what only an Anthropic model can be told and what is not to be left out: a file in Anthropic's store, a demand for one of its
    /// own tools.
    /// </summary>
    public static bool IsUnsayable(ChatBody body)
    {
        if (!body.TryGet(Extension, out var extension))
        {
            return false;
        }

        if (!body.TryGet("tool_choice", out _) && JsonEdits.FindMember(extension.Span, Encoding.ASCII.GetBytes(AnthropicHead.ToolChoiceMember), out _) is { IsPresent: true } range)
        {
            var choice = JsonReading.Element(range.In(extension.Span));
            if (choice.Is("type"u8, "any"u8) || choice.Is("type"u8, "tool"u8))
            {
                return true;
            }
        }

        if (!body.TryGet("messages", out var messages) || !Mentions(messages.Span, Own, default, default))
        {
            return false;
        }

        using var document = JsonReading.Document(messages);
        return document.RootElement.ValueKind is JsonValueKind.Array && document.RootElement.EnumerateArray().Any(static m =>
            m.Has("content"u8, JsonValueKind.Array, out var parts) && parts.EnumerateArray().Any(static p => p.Has("x_anthropic"u8, JsonValueKind.Object, out var own) && IsUnsayable(own)));
    }

    private static bool IsUnsayable(JsonElement block) => block.Is("type"u8, "container_upload"u8)
        || (block.Is("type"u8, "image"u8) && block.Has("source"u8, out var source) && source.Is("type"u8, "file"u8))
        || (block.Is("type"u8, "document"u8) && !DocumentParts.CanWrite(block));

    // By word where the client chose one, else by how much it may think.
    private static ReadOnlyMemory<byte>? EffortOf(ReadOnlyMemory<byte> extension)
    {
        using var document = JsonReading.Document(extension);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (root.Has("output_config"u8, JsonValueKind.Object, out var config)
            && config.Has("effort"u8, JsonValueKind.String, out var effort))
        {
            return effort.IsText("low"u8) ? "\"low\""u8.ToArray() : effort.IsText("medium"u8) ? "\"medium\""u8.ToArray() : "\"high\""u8.ToArray();
        }

        if (!root.TryGet("thinking"u8, out var thinking) || thinking.ValueKind is not JsonValueKind.Object
            || !thinking.TryGet("budget_tokens"u8, out var budget) || budget.ValueKind is not JsonValueKind.Number || !budget.TryGetInt64(out var tokens))
        {
            return null;
        }

        return tokens <= 2048 ? "\"low\""u8.ToArray() : tokens <= 8192 ? "\"medium\""u8.ToArray() : "\"high\""u8.ToArray();
    }

    private static bool Mentions(ReadOnlySpan<byte> text, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        text.IndexOf(first) >= 0 || (!second.IsEmpty && text.IndexOf(second) >= 0) || (!third.IsEmpty && text.IndexOf(third) >= 0);

    // Values and names keep their bytes: decoding them could fail, and would cost more.
    private static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> array, Action<JsonElement, ArrayBufferWriter<byte>> write)
    {
        using var document = JsonReading.Document(array);
        if (document.RootElement.ValueKind is not JsonValueKind.Array)
        {
            return array;
        }

        var output = new ArrayBufferWriter<byte>(array.Length);
        WriteArray(document.RootElement, output, write);
        return output.WrittenMemory;
    }

    private static void WriteArray(JsonElement array, ArrayBufferWriter<byte> output, Action<JsonElement, ArrayBufferWriter<byte>> write)
    {
        var separator = "["u8;
        foreach (var element in array.EnumerateArray())
        {
            output.Write(separator);
            separator = ","u8;
            if (element.ValueKind is JsonValueKind.Object)
            {
                write(element, output);
            }
            else
            {
                output.Write(element.Raw());
            }
        }

        output.Write(separator[0] == '[' ? "[]"u8 : "]"u8);
    }

    private static void WriteMessage(JsonElement message, ArrayBufferWriter<byte> output)
    {
        var separator = "{"u8;
        foreach (var member in message.EnumerateObject())
        {
            if (member.IsNamed("thinking_blocks"u8) || member.IsNamed("cache_control"u8) || member.IsNamed("is_error"u8) || member.IsNamed("x_anthropic"u8))
            {
                continue;
            }

            output.Write(separator);
            separator = ","u8;
            if (member.IsNamed("reasoning_content"u8))
            {
                // The translation's, not the client's: whether the upstream wants it shows later.
                output.Write(JsonText.Quote(ReasoningMembers.OfDialect), ":"u8, member.Value.Raw());
                continue;
            }

            output.WriteName(member);
            if (member.IsNamed("content"u8) && message.Has("is_error"u8, JsonValueKind.True, out _))
            {
                WriteFailure(member.Value, output);
            }
            else if (!member.IsNamed("content"u8) || member.Value.ValueKind is not JsonValueKind.Array)
            {
                output.Write(member.Value.Raw());
            }
            else
            {
                WriteContent(member.Value, output);
            }
        }

        output.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
    }

    // A chat's tool message has no member for it, and a model that is not told takes a failure for a result. Most tools say it themselves.
    private static void WriteFailure(JsonElement content, ArrayBufferWriter<byte> output)
    {
        if (content.ValueKind is JsonValueKind.Array)
        {
            var first = content.EnumerateArray().FirstOrDefault();
            var saysSo = first.Is("type"u8, "text"u8) && first.TryGet("text"u8, out var text) && HistoryWords.TellsFailure(text.RawText());
            using var told = JsonReading.Document(saysSo
                ? content.Raw().ToArray()
                : (byte[])[.. "[{\"type\":\"text\",\"text\":\""u8, .. HistoryWords.Failed, .. "\"}"u8, .. content.GetArrayLength() > 0 ? ","u8 : default, .. content.Raw()[1..]]);
            WriteContent(told.RootElement, output);
            return;
        }

        var words = content.RawText();
        output.Write("\""u8, HistoryWords.TellsFailure(words) ? default : HistoryWords.Failed, default);
        output.Write(words.IsEmpty || HistoryWords.TellsFailure(words) ? default : " "u8, words, "\""u8);
    }

    private static void WriteContent(JsonElement parts, ArrayBufferWriter<byte> output)
    {
        if (parts.EnumerateArray().Any(static p => p.Has("x_anthropic"u8, out _)))
        {
            using var said = JsonReading.Document(Said(parts));
            WriteContent(said.RootElement, output);
        }
        else if (!TryWriteText(parts, output))
        {
            WriteArray(parts, output, static (part, target) => WriteWithout(part, target, "cache_control"u8));
        }
    }

    // The parts as far as a chat can say them: of those that stand for a block alone, reading matter.
    private static ReadOnlyMemory<byte> Said(JsonElement parts)
    {
        var output = new ArrayBufferWriter<byte>(parts.Raw().Length);
        foreach (var part in parts.EnumerateArray())
        {
            var own = part.Has("x_anthropic"u8, JsonValueKind.Object, out var block) ? block : default;
            if (part.Is("text"u8, ""u8) && own.ValueKind is JsonValueKind.Object && !DocumentParts.CanWrite(own))
            {
                continue;
            }

            output.Write(output.WrittenCount == 0 ? "["u8 : ","u8);
            if (part.Is("text"u8, ""u8) && own.ValueKind is JsonValueKind.Object)
            {
                output.Write("{"u8);
                DocumentParts.Write(own, output);
                output.Write("}"u8);
            }
            else
            {
                WriteWithout(part, output, "x_anthropic"u8);
            }
        }

        if (output.WrittenCount == 0)
        {
            return "[{\"type\":\"text\",\"text\":\"\"}]"u8.ToArray();
        }

        output.Write("]"u8);
        return output.WrittenMemory;
    }

    // A blank line between the texts; false = a part is no text, or says more.
    private static bool TryWriteText(JsonElement parts, ArrayBufferWriter<byte> output)
    {
        if (parts.GetArrayLength() == 0)
        {
            return false;
        }

        foreach (var part in parts.EnumerateArray())
        {
            if (!part.Is("type"u8, "text"u8) || !part.Has("text"u8, JsonValueKind.String, out _)
                || part.EnumerateObject().Any(static m => !m.IsNamed("type"u8) && !m.IsNamed("text"u8) && !m.IsNamed("cache_control"u8)))
            {
                return false;
            }
        }

        var separator = "\""u8;
        foreach (var part in parts.EnumerateArray())
        {
            output.Write(separator);
            output.Write(part.Get("text"u8).RawText());
            separator = "\\n\\n"u8;
        }

        output.Write("\""u8);
        return true;
    }

    private static void WriteWithout(JsonElement element, ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        var separator = "{"u8;
        foreach (var member in element.EnumerateObject())
        {
            if (!member.IsNamed(name))
            {
                output.Write(separator);
                output.WriteName(member);
                separator = ","u8;
                output.Write(member.Value.Raw());
            }
        }

        output.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
    }
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Content blocks → chat content. Where Anthropic's models are sent the conversation as it came, a part that says less than its block has the block beside
/// it, as <c>x_anthropic</c>; one that says nothing has no text.
/// </summary>
/// <param name="scope">Whom the request goes to.</param>
internal sealed class ContentParts(MessagesScope scope)
{
    /// <summary>Writes the value of <c>content</c>. Text alone is a string, which every server understands; blocks that say more, or more than one, are parts.</summary>
    /// <param name="content">A string, or blocks that were checked.</param>
    /// <param name="role">Whose; <c>tool</c> for a result's.</param>
    /// <param name="json">Behind the member's name.</param>
    public void Write(JsonElement content, string role, Utf8JsonWriter json)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            json.WriteRaw(content);
            return;
        }

        JsonElement only = default;
        var count = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (HasPart(block, role))
            {
                only = block;
                count++;
            }
        }

        if (count == 0)
        {
            json.WriteStringValue(""u8);
        }
        else if (count == 1 && BlockCheck.KindOf(only) is "text" && !SaysMore(only, "text", role) && !only.Has("cache_control"u8, out _))
        {
            json.WriteRaw(only.Get("text"u8));
        }
        else
        {
            json.WriteStartArray();
            foreach (var block in content.EnumerateArray())
            {
                if (HasPart(block, role))
                {
                    WritePart(block, role, json);
                }
            }

            json.WriteEndArray();
        }
    }

    /// <summary>Whether some of the blocks have a part.</summary>
    public bool HasParts(JsonElement blocks, string role) => blocks.EnumerateArray().Any(b => HasPart(b, role));

    /// <summary>Names the blocks that have no chat form.</summary>
    public void NoteLeftOut(JsonElement blocks, string role)
    {
        foreach (var block in blocks.EnumerateArray())
        {
            if (BlockCheck.KindOf(block) is var kind && BlockCheck.IsAside(kind, role))
            {
                scope.LeaveOut(kind);
            }
        }
    }

    private bool HasPart(JsonElement block, string role) => BlockCheck.KindOf(block) switch
    {
        "text" or "image" or "document" => true,
        "tool_use" or "tool_result" or "thinking" or "redacted_thinking" => false,
        "compaction" => block.Has("content"u8, JsonValueKind.String, out var summary) && summary.Raw().Length > 2,
        "search_result" => true,

        // An assistant's turn goes whole, a system's too.
        _ => scope.IsOwn && role is "user" or "tool",
    };

    private void WritePart(JsonElement block, string role, Utf8JsonWriter json)
    {
        var kind = BlockCheck.KindOf(block);
        json.WriteStartObject();
        switch (kind)
        {
            case "text":
                json.WriteString("type"u8, "text"u8);
                json.WriteRaw("text"u8, block.Get("text"u8));
                break;
            case "compaction":
                json.WriteString("type"u8, "text"u8);
                json.WriteRaw("text"u8, block.Get("content"u8));
                break;
            case "image" when BlockCheck.KindOf(block.Get("source"u8)) is "url" or "base64":
                json.WriteString("type"u8, "image_url"u8);
                WriteImage(block.Get("source"u8), json);
                break;
            case "document" or "search_result" when !scope.IsOwn:
                WriteDocument(block, json);
                break;
            default:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, ""u8);
                break;
        }

        if (SaysMore(block, kind, role))
        {
            json.WriteRaw("x_anthropic"u8, block);
        }

        if (block.Has("cache_control"u8, out var cache))
        {
            json.WriteRaw("cache_control"u8, cache);
        }

        json.WriteEndObject();
    }

    // An assistant's and a system's blocks stand beside their whole message.
    private bool SaysMore(JsonElement block, string kind, string role) => scope.IsOwn && role is "user" or "tool" && kind switch
    {
        "text" => block.EnumerateObject().Any(static m => !(m.IsNamed("type"u8) || m.IsNamed("text"u8) || m.IsNamed("cache_control"u8))),
        "image" => BlockCheck.KindOf(block.Get("source"u8)) is not ("url" or "base64")
            || block.EnumerateObject().Any(static m => !(m.IsNamed("type"u8) || m.IsNamed("source"u8) || m.IsNamed("cache_control"u8))),
        _ => true,
    };

    private static void WriteImage(JsonElement source, Utf8JsonWriter json)
    {
        json.WriteStartObject("image_url"u8);
        if (BlockCheck.KindOf(source) is "url")
        {
            json.WriteRaw("url"u8, source.Get("url"u8));
        }
        else
        {
            json.WriteRaw("url"u8, (byte[])[.. "\"data:"u8, .. source.Get("media_type"u8).RawText(), .. ";base64,"u8, .. source.Get("data"u8).Raw()[1..]]);
        }

        json.WriteEndObject();
    }

    private static void WriteDocument(JsonElement block, Utf8JsonWriter json)
    {
        var members = new ArrayBufferWriter<byte>(block.Raw().Length + 64);
        members.Write("{"u8);
        DocumentParts.Write(block, members);
        members.Write("}"u8);
        using var part = JsonReading.Document(members.WrittenMemory);
        foreach (var member in part.RootElement.EnumerateObject())
        {
            json.WriteRaw(member);
        }
    }
}

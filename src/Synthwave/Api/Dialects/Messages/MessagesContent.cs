using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Anthropic's messages → chat messages. Tool results become messages of their own, ahead of what else their turn says. Where Anthropic's models are sent
/// the conversation as it came, an assistant's turn has its blocks beside it and a system's the whole message, as <c>x_anthropic</c>.
/// </summary>
/// <param name="scope">Whom the request goes to.</param>
/// <param name="ids">Notes the conversation's calls.</param>
/// <param name="json">Within the array of messages.</param>
internal sealed class MessagesContent(MessagesScope scope, MessageCallIds ids, Utf8JsonWriter json)
{
    private readonly BlockCheck _check = new(scope);
    private readonly ContentParts _parts = new(scope);

    /// <summary>Writes one or more chat messages, none where a chat has no use for it. Null = fine.</summary>
    public GatewayError? Write(JsonElement message, string path)
    {
        if (message.ValueKind is not JsonValueKind.Object)
        {
            return Bad("A message must be an object.", path);
        }

        var role = message.Has("role"u8, out var given) && given.TryGetText(out var word) ? word : "";
        if (role is not ("user" or "assistant" or "system"))
        {
            return Bad("role must be user or assistant.", path + ".role");
        }

        path += ".content";
        if (!message.Has("content"u8, out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return role is "system" && content.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
                ? WriteSystem(message, default)
                : Bad("content must be a string or an array of blocks.", path);
        }

        if (content.ValueKind is JsonValueKind.Array)
        {
            if (_check.Check(content, role, path) is { } problem)
            {
                return problem;
            }

            _parts.NoteLeftOut(content, role);
        }

        if (role is "system")
        {
            return WriteSystem(message, content);
        }

        if (content.ValueKind is JsonValueKind.Array)
        {
            return role is "assistant" ? WriteAssistant(content) : WriteUser(content, path);
        }

        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteRaw("content"u8, content);
        json.WriteEndObject();
        return null;
    }

    // It stays where it is, so that what stands before it is still the same conversation.
    private GatewayError? WriteSystem(JsonElement message, JsonElement content)
    {
        var says = content.ValueKind switch
        {
            JsonValueKind.String => content.Raw().Length > 2,
            JsonValueKind.Array => _parts.HasParts(content, "system"),
            _ => false,
        };
        if (!says && !scope.IsOwn)
        {
            return null;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "system"u8);
        json.WritePropertyName("content"u8);
        if (says)
        {
            _parts.Write(content, "system", json);
        }
        else
        {
            json.WriteStringValue(""u8);
        }

        if (scope.IsOwn)
        {
            json.WriteRaw("x_anthropic"u8, message);
        }

        json.WriteEndObject();
        return null;
    }

    private GatewayError? WriteUser(JsonElement blocks, string path)
    {
        var others = 0;
        foreach (var block in blocks.EnumerateArray())
        {
            if (BlockCheck.KindOf(block) is not "tool_result")
            {
                others++;
                continue;
            }

            WriteResult(block);
        }

        if (others == 0)
        {
            return blocks.GetArrayLength() > 0 ? null : Bad("A message needs content.", path);
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        json.WritePropertyName("content"u8);
        _parts.Write(blocks, "user", json);
        json.WriteEndObject();
        return null;
    }

    private void WriteResult(JsonElement block)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        WriteId("tool_call_id"u8, block.Get("tool_use_id"u8), ids.OfResult(block.Get("tool_use_id"u8)));
        json.WritePropertyName("content"u8);
        if (block.Has("content"u8, out var content))
        {
            if (content.ValueKind is JsonValueKind.Array)
            {
                _parts.NoteLeftOut(content, "tool");
            }

            _parts.Write(content, "tool", json);
        }
        else
        {
            json.WriteStringValue(""u8);
        }

        foreach (var name in (ReadOnlySpan<string>)["is_error", "cache_control"])
        {
            if (block.Find(name) is { } member)
            {
                json.WriteRaw(name, member);
            }
        }

        if (scope.IsOwn && block.EnumerateObject().Any(static m => IsFurther(m)))
        {
            json.WriteStartObject("x_anthropic"u8);
            foreach (var member in block.EnumerateObject())
            {
                if (IsFurther(member))
                {
                    json.WriteRaw(member);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static bool IsFurther(JsonProperty member) => member.NameText() is not ("type" or "tool_use_id" or "content" or "is_error" or "cache_control");

    private GatewayError? WriteAssistant(JsonElement blocks)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WritePropertyName("content"u8);
        if (_parts.HasParts(blocks, "assistant"))
        {
            _parts.Write(blocks, "assistant", json);
        }
        else
        {
            json.WriteNullValue();
        }

        WriteThinking(blocks);
        WriteCalls(blocks);
        if (scope.IsOwn)
        {
            json.WriteRaw("x_anthropic"u8, blocks);
        }

        json.WriteEndObject();
        return null;
    }

    private void WriteCalls(JsonElement blocks)
    {
        var isOpen = false;
        foreach (var block in blocks.EnumerateArray())
        {
            if (BlockCheck.KindOf(block) is not "tool_use")
            {
                continue;
            }

            if (!isOpen)
            {
                json.WriteStartArray("tool_calls"u8);
                isOpen = true;
            }

            json.WriteStartObject();
            WriteId("id"u8, block.Get("id"u8), ids.TakeIn(block.Get("id"u8)));
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteRaw("name"u8, block.Get("name"u8));
            json.WriteString("arguments"u8, block.Get("input"u8).Raw());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (isOpen)
        {
            json.WriteEndArray();
        }
    }

    // Blocks that go as they came have their ids as they came, and so must what stands beside them.
    private void WriteId(ReadOnlySpan<byte> name, JsonElement given, byte[] original)
    {
        if (scope.IsOwn)
        {
            json.WriteRaw(name, given);
        }
        else
        {
            json.WriteRaw(name, (byte[])[(byte)'"', .. original, (byte)'"']);
        }
    }

    // With a signature it is Anthropic's own. Without one it is the reasoning of a model that signs none, shown by us: it goes back as what it was.
    private void WriteThinking(JsonElement blocks)
    {
        var signed = blocks.EnumerateArray().Where(IsSigned).ToList();
        if (signed.Count > 0)
        {
            json.WriteStartArray("thinking_blocks"u8);
            foreach (var block in signed)
            {
                json.WriteRaw(block);
            }

            json.WriteEndArray();
        }

        var shown = blocks.EnumerateArray()
            .Where(static b => BlockCheck.KindOf(b) is "thinking" && !IsSigned(b) && BlockCheck.HasText(b, "thinking"u8))
            .Select(static b => b.Get("thinking"u8))
            .ToList();
        if (shown.Count == 0)
        {
            return;
        }

        var text = new ArrayBufferWriter<byte>();
        foreach (var thought in shown)
        {
            text.Write(text.WrittenCount == 0 ? "\""u8 : "\\n\\n"u8);
            text.Write(thought.RawText());
        }

        text.Write("\""u8);
        json.WriteRaw("reasoning_content"u8, text.WrittenSpan);
    }

    private static bool IsSigned(JsonElement block) => BlockCheck.KindOf(block) is "redacted_thinking"
        || (BlockCheck.KindOf(block) is "thinking" && BlockCheck.HasText(block, "signature"u8));

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("invalid_request", message, param);
}

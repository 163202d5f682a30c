using System.Globalization;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Judges content blocks: whether they have what a translation needs, and whether somebody can be told what they say. What only Anthropic's models know is
/// theirs to judge where they are asked.
/// </summary>
/// <param name="scope">Whom the request goes to.</param>
internal sealed class BlockCheck(MessagesScope scope)
{
    /// <summary>Null = fine.</summary>
    public GatewayError? Check(JsonElement blocks, string role, string path)
    {
        var position = 0;
        foreach (var block in blocks.EnumerateArray())
        {
            if (CheckBlock(block, role, string.Create(CultureInfo.InvariantCulture, $"{path}[{position++}]")) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>The block's <c>type</c>; empty = it has none.</summary>
    public static string KindOf(JsonElement block) => block.Has("type"u8, out var type) && type.TryGetText(out var kind) ? kind : "";

    public static bool HasText(JsonElement owner, ReadOnlySpan<byte> name) =>
        owner.Has(name, out var value) && value.ValueKind is JsonValueKind.String && value.Raw().Length > 2;

    /// <summary>
    /// Whether a chat can do without it: what Anthropic's servers did on the way to an answer that follows, how a conversation changes its tools, marks.
    /// </summary>
    public static bool IsAside(string kind, string role) => role switch
    {
        "assistant" => kind is "server_tool_use" or "mcp_tool_use" or "mcp_tool_listing" or "fallback" or "container_upload"
            || (kind.EndsWith("_tool_result", StringComparison.Ordinal) && kind.Length > "_tool_result".Length),
        "system" => kind is "tool_addition" or "tool_removal",
        "tool" => kind is "tool_reference" or "browser_state",
        _ => false,
    };

    private GatewayError? CheckBlock(JsonElement block, string role, string path)
    {
        if (block.ValueKind is not JsonValueKind.Object)
        {
            return Bad("A block must be an object.", path);
        }

        var kind = KindOf(block);
        switch (kind)
        {
            case "text":
                return block.Has("text"u8, JsonValueKind.String, out _) ? null : Bad("text must be a string.", path + ".text");
            case "image":
                return CheckImage(block, path);
            case "document":
                return CheckDocument(block, path);
            case "search_result" when role is "user" or "tool":
                return null;
            case "tool_use" when role is "assistant":
                return HasText(block, "id"u8) && HasText(block, "name"u8) && block.Has("input"u8, out _) ? null : Bad("A tool_use needs id, name and input.", path);
            case "thinking" or "redacted_thinking" or "compaction" when role is "assistant":
                return null;
            case "tool_result" when role is "user":
                return CheckResult(block, path);
            default:
                return IsAside(kind, role) || (scope.IsOwn && kind.Length > 0 && !(kind is "tool_use" or "tool_result" or "thinking" or "redacted_thinking"))
                    ? null
                    : Unknown("This kind of block is not supported here.", path + ".type");
        }
    }

    private GatewayError? CheckResult(JsonElement block, string path)
    {
        if (!HasText(block, "tool_use_id"u8))
        {
            return Bad("A tool_result needs the tool_use_id of its call.", path + ".tool_use_id");
        }

        if (!block.Has("content"u8, out var content) || content.ValueKind is JsonValueKind.String)
        {
            return null;
        }

        return content.ValueKind is JsonValueKind.Array ? Check(content, "tool", path + ".content") : Bad("content must be a string or an array of blocks.", path + ".content");
    }

    private GatewayError? CheckImage(JsonElement block, string path)
    {
        if (!block.Has("source"u8, out var source) || source.ValueKind is not JsonValueKind.Object)
        {
            return Bad("source must be an object.", path + ".source");
        }

        return KindOf(source) switch
        {
            "url" => HasText(source, "url"u8) ? null : Incomplete(path),
            "base64" => HasText(source, "data"u8) && HasText(source, "media_type"u8) ? null : Incomplete(path),
            _ => scope.IsOwn ? null : Unknown("A source of this type is not supported here; use base64 or url.", path + ".source.type"),
        };
    }

    private GatewayError? CheckDocument(JsonElement block, string path)
    {
        if (!block.Has("source"u8, out var source) || source.ValueKind is not JsonValueKind.Object)
        {
            return Bad("source must be an object.", path + ".source");
        }

        if (scope.IsOwn || DocumentParts.CanWrite(block))
        {
            return null;
        }

        return KindOf(source) is "text" or "base64" or "url" or "content"
            ? Incomplete(path)
            : Unknown("A source of this type is not supported here; use text, content, base64 or url.", path + ".source.type");
    }

    private static GatewayError Incomplete(string path) => Bad("The source is incomplete.", path + ".source");

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("invalid_request", message, param);

    private static GatewayError Unknown(string message, string param) => GatewayError.BadRequest("unsupported_content_part", message, param);
}

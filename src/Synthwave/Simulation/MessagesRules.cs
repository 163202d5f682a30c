using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>
/// What Anthropic's API refuses, as far as a client can get it wrong: a missing limit, a conversation that does not begin with a user, texts that say nothing,
/// calls and results that are not in pairs, a tool loop whose thinking is missing or was touched, demands thinking does not go with, too many cache marks.
/// </summary>
/// <remarks>https://docs.anthropic.com/en/api/messages and /en/docs/build-with-claude/extended-thinking.</remarks>
internal static class MessagesRules
{
    /// <summary>The signature this server gives a thought.</summary>
    public static string Sign(string thinking) => "sig_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(thinking))[..8]);

    public static bool Thinks(JsonElement root) => root.TryGet("thinking"u8, out var thinking) && TypeOf(thinking) is "enabled" or "adaptive";

    /// <summary>Null = the request is fine.</summary>
    public static string? Check(JsonElement root)
    {
        if (!root.TryGet("max_tokens"u8, out var most) || most.ValueKind is not JsonValueKind.Number || most.GetInt32() < 1)
        {
            return "max_tokens: Field required";
        }

        if (!root.TryGet("messages"u8, out var messages) || messages.GetArrayLength() == 0)
        {
            return "messages: at least one message is required";
        }

        if (root.TryGet("temperature"u8, out var temperature) && (temperature.GetDouble() > 1 || Thinks(root)))
        {
            return "temperature: must be at most 1, and not set with thinking";
        }

        var thinks = Thinks(root);
        if (thinks && root.TryGet("tool_choice"u8, out var choice) && TypeOf(choice) is "any" or "tool")
        {
            return "Thinking may not be enabled when tool_choice forces tool use.";
        }

        if (thinks && root.Get("thinking"u8).TryGet("budget_tokens"u8, out var budget) && (budget.GetInt32() < 1024 || budget.GetInt32() >= most.GetInt32()))
        {
            return "thinking.budget_tokens: must be at least 1024 and less than max_tokens";
        }

        if (!thinks && root.TryGet("context_management"u8, out var management) && management.GetRawText().Contains("clear_thinking", StringComparison.Ordinal))
        {
            return "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive";
        }

        List<JsonElement> turns = [.. messages.EnumerateArray()];
        return CheckTools(root, turns) ?? CheckMarks(root) ?? CheckTurns(turns, thinks && TypeOf(root.Get("thinking"u8)) is "enabled") ?? CheckPairs(turns);
    }

    private static string? CheckTools(JsonElement root, List<JsonElement> turns)
    {
        List<JsonElement> tools = root.TryGet("tools"u8, out var list) && list.ValueKind is JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
        if (tools.Count == 0 && turns.Exists(static t => Blocks(t).Exists(static b => TypeOf(b) is "tool_use" or "tool_result")))
        {
            return "Requests which include `tool_use` or `tool_result` blocks must define tools.";
        }

        var at = tools.FindIndex(static t => t.TryGet("input_schema"u8, out var schema) && TypeOf(schema) is not "object");
        return at < 0 ? null : $"tools.{at}.custom.input_schema.type: Field required";
    }

    private static string? CheckMarks(JsonElement root)
    {
        var marks = new List<string>();
        Collect(root.TryGet("tools"u8, out var tools) ? tools : default);
        Collect(root.TryGet("system"u8, out var system) ? system : default);
        Collect(root.Get("messages"u8));
        Collect(root.TryGet("cache_control"u8, out var own) ? own : default);
        return marks.Count > 4 ? $"A maximum of 4 blocks with cache_control may be provided. Found {marks.Count}."
            : marks.LastIndexOf("1h") > marks.IndexOf("5m") && marks.Contains("5m") ? "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
            : null;

        void Collect(JsonElement owner)
        {
            foreach (var item in owner.ValueKind is JsonValueKind.Array ? owner.EnumerateArray() : default)
            {
                Collect(item);
            }

            if (owner.ValueKind is not JsonValueKind.Object)
            {
                return;
            }

            if (TypeOf(owner) is "ephemeral")
            {
                marks.Add(owner.TryGet("ttl"u8, out var time) ? time.Text() : "5m");
            }

            foreach (var name in (ReadOnlySpan<string>)["content", "cache_control"])
            {
                Collect(owner.TryGet(name, out var inner) ? inner : default);
            }
        }
    }

    // Each call has one result, in the turn behind it, and an id of its own.
    private static string? CheckPairs(List<JsonElement> turns)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < turns.Count; i++)
        {
            List<string> calls = [.. Blocks(turns[i]).Where(static b => TypeOf(b) is "tool_use").Select(static b => b.Get("id"u8).Text())];
            if (calls.Exists(id => !known.Add(id)))
            {
                return $"messages.{i}: `tool_use` ids must be unique";
            }

            List<string> results = i + 1 < turns.Count ? [.. Blocks(turns[i + 1]).Where(static b => TypeOf(b) is "tool_result").Select(static b => b.Get("tool_use_id"u8).Text())] : [];
            if (calls.Exists(id => results.FindAll(r => r == id).Count != 1))
            {
                return $"messages.{i}: `tool_use` ids were found without one `tool_result` block each immediately after: {string.Join(", ", calls)}";
            }
        }

        return null;
    }

    private static string? CheckTurns(List<JsonElement> turns, bool needsThinking)
    {
        if (RoleOf(turns[0]) is not "user")
        {
            return "messages: first message must use the user role";
        }

        for (var i = 0; i < turns.Count; i++)
        {
            if (RoleOf(turns[i]) is not ("user" or "assistant") || turns[i].Get("content"u8) is { ValueKind: JsonValueKind.Array } empty && empty.GetArrayLength() == 0)
            {
                return $"messages.{i}: unknown role or no content";
            }

            if (RoleOf(turns[i]) is "assistant" && Blocks(turns[i]) is [.., var end] && (TypeOf(end) is "thinking" || (i == turns.Count - 1 && TextOf(end) is { Length: > 0 } text && char.IsWhiteSpace(text[^1]))))
            {
                return $"messages.{i}: final assistant content cannot end with thinking or trailing whitespace";
            }

            foreach (var block in Blocks(turns[i]))
            {
                if (TypeOf(block) is "text" && string.IsNullOrWhiteSpace(TextOf(block)))
                {
                    return "messages: text content blocks must contain non-whitespace text";
                }

                if (TypeOf(block) is "tool_use" && !IsId(block.Get("id"u8).Text()))
                {
                    return $"messages.{i}: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
                }

                if (TypeOf(block) is "tool_result" && (i == 0 || !Blocks(turns[i - 1]).Exists(b => TypeOf(b) is "tool_use" && b.Get("id"u8).Text() == block.Get("tool_use_id"u8).Text())))
                {
                    return $"messages.{i}: tool_result without its tool_use in the turn before";
                }

                if (TypeOf(block) is "thinking" && block.Get("signature"u8).Text() != Sign(block.Get("thinking"u8).Text()))
                {
                    return $"messages.{i}: Invalid `signature` in `thinking` block";
                }
            }
        }

        var isLoop = turns.Count > 1 && Blocks(turns[^1]).Exists(b => TypeOf(b) is "tool_result");
        return needsThinking && isLoop && TypeOf(Blocks(turns[^2])[0]) is not ("thinking" or "redacted_thinking")
            ? $"messages.{turns.Count - 2}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{TypeOf(Blocks(turns[^2])[0])}`."
            : null;
    }

    private static List<JsonElement> Blocks(JsonElement turn) => turn.Get("content"u8) is { ValueKind: JsonValueKind.Array } blocks ? [.. blocks.EnumerateArray()] : [];

    private static string? TextOf(JsonElement block) => TypeOf(block) is "text" ? block.Get("text"u8).Text() : null;

    private static string RoleOf(JsonElement turn) => turn.TryGet("role"u8, out var role) ? role.Text() : "";

    private static string TypeOf(JsonElement owner) => owner.TryGet("type"u8, out var type) ? type.Text() : "";

    private static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}

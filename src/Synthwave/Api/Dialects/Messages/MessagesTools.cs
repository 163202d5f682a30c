using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Anthropic's <c>tools</c> and <c>tool_choice</c> → their chat forms, with the tools that the conversation itself adds and takes away. Tools that run on
/// Anthropic's servers have none and are left out, unless one of them is demanded.
/// </summary>
/// <param name="root">The request.</param>
/// <param name="scope">Whom it goes to.</param>
internal sealed class MessagesTools(JsonElement root, MessagesScope scope)
{
    private readonly Dictionary<string, JsonElement> _tools = new(StringComparer.Ordinal);
    private bool _hasLeftOut;

    /// <summary>Writes the chat members. Null = fine.</summary>
    public GatewayError? Write(Utf8JsonWriter json)
    {
        var hasTools = root.Has("tools"u8, out var tools);
        if (hasTools && tools.ValueKind is not JsonValueKind.Array)
        {
            return GatewayError.BadRequest("invalid_tools", "tools must be an array of tools.", "tools");
        }

        var changes = ToolChanges.Read(root);
        var position = 0;
        foreach (var tool in hasTools ? [.. tools.EnumerateArray(), .. changes.Added] : changes.Added)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"tools[{position++}]");
            if (Check(tool, path, out var isSayable) is { } problem)
            {
                return problem;
            }

            // Of two with one name the later one counts.
            if (isSayable && !changes.Removed.Contains(NameOf(tool)))
            {
                _tools[NameOf(tool)] = tool;
            }
        }

        if (_tools.Count > 0)
        {
            json.WriteStartArray("tools"u8);
            foreach (var tool in _tools.Values)
            {
                WriteTool(tool, json);
            }

            json.WriteEndArray();
        }

        return WriteChoice(json);
    }

    private GatewayError? Check(JsonElement tool, string path, out bool isSayable)
    {
        isSayable = false;
        if (tool.ValueKind is not JsonValueKind.Object)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool must be an object.", path);
        }

        var isFunction = !tool.Has("type"u8, out var given) || given.IsText("custom"u8);
        if (!isFunction)
        {
            if (!given.TryGetText(out var type))
            {
                return GatewayError.BadRequest("invalid_tools", "The type of a tool must be a string.", path + ".type");
            }

            isSayable = NameOf(tool).Length > 0 && (ClientTools.Find(type) is not null || tool.Has("input_schema"u8, JsonValueKind.Object, out _));
            if (!isSayable)
            {
                _hasLeftOut = true;
                scope.LeaveOutTool(NameOf(tool) is { Length: > 0 } name ? name : type);
            }

            return null;
        }

        if (NameOf(tool).Length == 0)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool needs a name.", path + ".name");
        }

        isSayable = tool.Has("input_schema"u8, out var schema) && schema.ValueKind is JsonValueKind.Object;
        return isSayable ? null : GatewayError.BadRequest("invalid_tools", "A tool needs an input_schema, a JSON Schema object.", path + ".input_schema");
    }

    private static string NameOf(JsonElement tool) => tool.Has("name"u8, JsonValueKind.String, out var name) ? name.Text() : "";

    private static void WriteTool(JsonElement tool, Utf8JsonWriter json)
    {
        var known = tool.Has("type"u8, out var type) && type.TryGetText(out var word) && !tool.Has("input_schema"u8, JsonValueKind.Object, out _) ? ClientTools.Find(word) : null;
        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteRaw("name"u8, tool.Get("name"u8));
        if (tool.Has("description"u8, out var description))
        {
            json.WriteRaw("description"u8, description);
        }
        else if (known is not null)
        {
            json.WriteString("description"u8, known.Description + ScreenOf(tool));
        }

        json.WriteRaw("parameters"u8, known is null ? tool.Get("input_schema"u8).Raw() : Encoding.UTF8.GetBytes(known.Schema));
        if (tool.Has("strict"u8, out var strict) && known is null)
        {
            json.WriteRaw("strict"u8, strict);
        }

        json.WriteEndObject();
        if (tool.Has("cache_control"u8, out var cache))
        {
            json.WriteRaw("cache_control"u8, cache);
        }

        json.WriteEndObject();
    }

    private static string ScreenOf(JsonElement tool) =>
        tool.Has("display_width_px"u8, JsonValueKind.Number, out var width) && width.TryGetInt32(out var x)
        && tool.Has("display_height_px"u8, JsonValueKind.Number, out var height) && height.TryGetInt32(out var y)
            ? string.Create(CultureInfo.InvariantCulture, $" The screen has {x} by {y} pixels.")
            : "";

    private GatewayError? WriteChoice(Utf8JsonWriter json)
    {
        if (!root.Has("tool_choice"u8, out var choice))
        {
            return null;
        }

        var kind = choice.Has("type"u8, out var type) && type.TryGetText(out var word) ? word : "";
        var name = choice.Has("name"u8, JsonValueKind.String, out var given) ? given : default;
        if (kind is not ("auto" or "none" or "any" or "tool") || (kind is "tool" && name.ValueKind is JsonValueKind.Undefined))
        {
            return GatewayError.BadRequest("invalid_tool_choice", "tool_choice must be of type auto, any, none, or tool with a name.", "tool_choice");
        }

        // What says how tools are called goes where no tool is left; a demand cannot.
        var isDemand = kind is "any" or "tool";
        if (_tools.Count == 0 || (kind is "tool" && _hasLeftOut && !_tools.ContainsKey(name.Text())))
        {
            return !isDemand || (scope.IsOwn && _hasLeftOut) ? null
                : _hasLeftOut ? GatewayError.BadRequest("unsupported_tool", "The tool that must be used runs on Anthropic's servers, and no such model is asked here.", "tool_choice")
                : GatewayError.BadRequest("invalid_tool_choice", "tool_choice demands a call, but no tools are given.", "tool_choice");
        }

        switch (kind)
        {
            case "tool":
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteRaw("name"u8, name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default:
                json.WriteString("tool_choice"u8, kind is "any" ? "required" : kind);
                break;
        }

        if (choice.Has("disable_parallel_tool_use"u8, JsonValueKind.True, out _))
        {
            json.WriteBoolean("parallel_tool_calls"u8, false);
        }

        return null;
    }
}

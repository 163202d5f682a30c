using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>Anthropic's <c>tools</c> and <c>tool_choice</c> → their chat forms.</summary>
internal static class MessagesTools
{
    /// <summary>Writes the chat members. Null = fine.</summary>
    public static GatewayError? Write(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.Has("tools"u8, out var tools))
        {
            return null;
        }

        if (tools.ValueKind is not JsonValueKind.Array)
        {
            return GatewayError.BadRequest("invalid_tools", "tools must be an array of tools.", "tools");
        }

        if (tools.GetArrayLength() == 0)
        {
            return null;
        }

        json.WriteStartArray("tools"u8);
        var position = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            if (WriteTool(tool, json, $"tools[{position++}]") is { } problem)
            {
                return problem;
            }
        }

        json.WriteEndArray();
        return WriteChoice(root, json);
    }

    private static GatewayError? WriteTool(JsonElement tool, Utf8JsonWriter json, string path)
    {
        if (tool.ValueKind is not JsonValueKind.Object)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool must be an object.", path);
        }

        if (tool.Has("type"u8, out var type) && !type.IsText("custom"u8))
        {
            return GatewayError.BadRequest("unsupported_tool", "Only tools of the client are supported: tools that run on Anthropic's servers are not.", path + ".type");
        }

        if (!tool.Has("name"u8, out var name) || name.ValueKind is not JsonValueKind.String || name.Raw().Length == 2)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool needs a name.", path + ".name");
        }

        if (!tool.Has("input_schema"u8, out var schema) || schema.ValueKind is not JsonValueKind.Object)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool needs an input_schema, a JSON Schema object.", path + ".input_schema");
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteRaw("name"u8, name);
        if (tool.Has("description"u8, out var description))
        {
            json.WriteRaw("description"u8, description);
        }

        json.WriteRaw("parameters"u8, schema);
        if (tool.Has("strict"u8, out var strict))
        {
            json.WriteRaw("strict"u8, strict);
        }

        json.WriteEndObject();
        if (tool.Has("cache_control"u8, out var cache))
        {
            json.WriteRaw("cache_control"u8, cache);
        }

        json.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteChoice(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.Has("tool_choice"u8, out var choice))
        {
            return null;
        }

        var kind = choice.Has("type"u8, out var type) && type.TryGetText(out var word) ? word : "";
        switch (kind)
        {
            case "auto" or "none":
                json.WriteString("tool_choice"u8, kind);
                break;
            case "any":
                json.WriteString("tool_choice"u8, "required"u8);
                break;
            case "tool" when choice.Has("name"u8, JsonValueKind.String, out var name):
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteRaw("name"u8, name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default:
                return GatewayError.BadRequest("invalid_tool_choice", "tool_choice must be of type auto, any, none, or tool with a name.", "tool_choice");
        }

        if (choice.Has("disable_parallel_tool_use"u8, JsonValueKind.True, out _))
        {
            json.WriteBoolean("parallel_tool_calls"u8, false);
        }

        return null;
    }
}

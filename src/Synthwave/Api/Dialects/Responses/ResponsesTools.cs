using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary><c>tools</c> and <c>tool_choice</c> → their chat forms.</summary>
internal static class ResponsesTools
{
    /// <summary>Writes the chat members. Null = fine.</summary>
    public static GatewayError? Write(JsonElement root, Utf8JsonWriter json) => WriteTools(root, json) ?? WriteChoice(root, json);

    private static GatewayError? WriteTools(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.Has("tools"u8, out var tools))
        {
            return null;
        }

        if (tools.ValueKind is not JsonValueKind.Array)
        {
            return GatewayError.BadRequest("invalid_tools", "tools must be an array of tools.", "tools");
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
        return null;
    }

    private static GatewayError? WriteTool(JsonElement tool, Utf8JsonWriter json, string path)
    {
        if (tool.ValueKind is not JsonValueKind.Object)
        {
            return GatewayError.BadRequest("invalid_tools", "A tool must be an object.", path);
        }

        if (!IsFunction(tool))
        {
            return new GatewayError(501, "unsupported_tool", "Only function tools are supported: tools that run on OpenAI's servers are not.")
            {
                Type = "invalid_request_error",
                Param = path + ".type",
            };
        }

        if (tool.Has("function"u8, JsonValueKind.Object, out var function))
        {
            json.WriteRawValue(tool.Raw(), skipInputValidation: true);
            return null;
        }

        if (!tool.Has("name"u8, out var name) || name.ValueKind is not JsonValueKind.String || name.Raw().Length == 2)
        {
            return GatewayError.BadRequest("invalid_tools", "A function needs a name.", path + ".name");
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        foreach (var member in (ReadOnlySpan<string>)["name", "description", "parameters", "strict"])
        {
            if (tool.TryGet(member, out var value))
            {
                json.WriteRaw(member, value);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteChoice(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.Has("tool_choice"u8, out var choice))
        {
            return null;
        }

        switch (choice.ValueKind)
        {
            case JsonValueKind.String when choice.IsText("auto"u8) || choice.IsText("none"u8) || choice.IsText("required"u8):
                json.WriteRaw("tool_choice"u8, choice);
                return null;
            case JsonValueKind.String:
                return UnsupportedChoice();
            case JsonValueKind.Object when !IsFunction(choice):
                return UnsupportedChoice();
            case JsonValueKind.Object when choice.Has("name"u8, JsonValueKind.String, out var name):
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteRaw("name"u8, name);
                json.WriteEndObject();
                json.WriteEndObject();
                return null;
            default:
                return GatewayError.BadRequest("invalid_tool_choice", "tool_choice must be auto, none, required, or a function by its name.", "tool_choice");
        }
    }

    private static bool IsFunction(JsonElement tool) => tool.Is("type"u8, "function"u8);

    private static GatewayError UnsupportedChoice() =>
        new(501, "unsupported_tool_choice", "tool_choice can be auto, none, required or one function.") { Type = "invalid_request_error", Param = "tool_choice" };
}

using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> → their chat forms. They go or stay together: where no tool is left, a choice that
/// calls for none goes with them, and one that wants a call is refused.
/// </summary>
internal static class ResponsesTools
{
    private const string Param = "tool_choice";

    /// <summary>Writes the chat members. Null = fine.</summary>
    public static GatewayError? Write(JsonElement root, ResponseTools tools, Utf8JsonWriter json)
    {
        var choice = new Choice { Mode = "" };
        if (root.Has("tool_choice"u8, out var given) && Read(given, tools, out choice) is { } problem)
        {
            return problem;
        }

        if (!tools.All.Any(choice.Allows))
        {
            return choice.WantsCall ? Invalid("tool_choice wants a tool to be called, but there is none that a client runs.") : null;
        }

        tools.Write(json, choice.Allows);
        if (choice.Forced is { } forced)
        {
            json.WriteStartObject("tool_choice"u8);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteText("name"u8, forced.ChatName);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (choice.Mode.Length > 0)
        {
            json.WriteString("tool_choice"u8, choice.Mode);
        }

        if (root.Has("parallel_tool_calls"u8, out var parallel))
        {
            json.WriteRaw("parallel_tool_calls"u8, parallel);
        }

        return null;
    }

    private static GatewayError? Read(JsonElement given, ResponseTools tools, out Choice choice)
    {
        choice = new Choice { Mode = "" };
        if (given.ValueKind is JsonValueKind.String)
        {
            choice = new Choice { Mode = given.Text() };
            return choice.Mode is "auto" or "none" or "required"
                ? null
                : new GatewayError(501, "unsupported_tool_choice", "tool_choice can be auto, none, required or one tool.") { Type = "invalid_request_error", Param = Param };
        }

        if (given.ValueKind is not JsonValueKind.Object || !given.Has("type"u8, out var type) || !type.TryGetText(out var kind))
        {
            return Invalid("tool_choice must be auto, none, required, allowed_tools, or one tool by its type and name.");
        }

        if (kind is "allowed_tools")
        {
            return ReadAllowed(given.Has("allowed_tools"u8, JsonValueKind.Object, out var nested) ? nested : given, tools, out choice);
        }

        if (kind is "function" or "custom" && (!given.Has("name"u8, JsonValueKind.String, out var name) || name.RawText().IsEmpty))
        {
            return Invalid($"tool_choice needs the name of the {kind}.");
        }

        if (Find(given, kind, tools) is { } forced)
        {
            choice = new Choice { Forced = forced };
            return null;
        }

        return kind is "function" or "custom"
            ? Invalid("tool_choice names a tool that is not among those declared.")
            : GatewayError.BadRequest(
                "unsupported_tool_choice",
                tools.HasLeftOut(kind) || !IsOwn(kind)
                    ? $"tool_choice asks for {JsonText.Excerpt(type.RawText())}, which does not run here: only tools that the client runs itself can be called."
                    : $"tool_choice asks for {kind}, which is not among the tools declared.",
                Param);
    }

    private static GatewayError? ReadAllowed(JsonElement given, ResponseTools tools, out Choice choice)
    {
        choice = new Choice { Mode = given.FindText("mode") ?? "auto" };
        if (choice.Mode is not ("auto" or "required") || !given.Has("tools"u8, JsonValueKind.Array, out var list))
        {
            return Invalid("allowed_tools needs a mode, auto or required, and an array of tools.");
        }

        var allowed = new HashSet<ResponseTool>();
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.Has("type"u8, out var type) && type.TryGetText(out var kind) && Find(entry, kind, tools) is { } tool)
            {
                allowed.Add(tool);
            }
        }

        choice = choice with { Allowed = allowed };
        return null;
    }

    /// <summary>The tool an entry names, by type and, where it has one, name; in a namespace also as <c>space.name</c>.</summary>
    private static ResponseTool? Find(JsonElement entry, string type, ResponseTools tools)
    {
        ResponseToolKind? kind = type switch
        {
            "function" => ResponseToolKind.Function,
            "custom" => ResponseToolKind.Custom,
            "local_shell" => ResponseToolKind.LocalShell,
            "shell" => ResponseToolKind.Shell,
            "apply_patch" => ResponseToolKind.ApplyPatch,
            "tool_search" => ResponseToolKind.ToolSearch,
            _ => null,
        };
        if (kind is not { } known)
        {
            return null;
        }

        if (known is not (ResponseToolKind.Function or ResponseToolKind.Custom))
        {
            return tools.Find(known, null, type);
        }

        var name = entry.FindText("name") ?? (entry.Has("function"u8, JsonValueKind.Object, out var nested) ? nested.FindText("name") : null) ?? "";
        var dot = name.LastIndexOf('.');
        return tools.Find(known, entry.FindText("namespace"), name) ?? (dot > 0 ? tools.Find(known, name[..dot], name[(dot + 1)..]) : null);
    }

    private static bool IsOwn(string type) => type is "local_shell" or "shell" or "apply_patch" or "tool_search";

    private static GatewayError Invalid(string message) => GatewayError.BadRequest("invalid_tool_choice", message, Param);

    /// <summary>What <c>tool_choice</c> asks for.</summary>
    private readonly record struct Choice
    {
        /// <summary>Empty = nothing was said.</summary>
        public string Mode { get; init; }

        public ResponseTool? Forced { get; init; }

        /// <summary>Null = all.</summary>
        public HashSet<ResponseTool>? Allowed { get; init; }

        public bool WantsCall => Forced is not null || Mode is "required";

        public bool Allows(ResponseTool tool) => Allowed?.Contains(tool) ?? true;
    }
}

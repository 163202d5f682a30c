using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>Tools as the functions a chat model is offered.</summary>
internal static class ToolForms
{
    private static ReadOnlySpan<byte> CustomSchema =>
        """{"type":"object","properties":{"input":{"type":"string","description":"The whole input, as plain text."}},"required":["input"],"additionalProperties":false}"""u8;

    private static ReadOnlySpan<byte> LocalShellSchema =>
        """{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},"working_directory":{"type":"string"},"timeout_ms":{"type":"integer"}},"required":["command"]}"""u8;

    private static ReadOnlySpan<byte> ShellSchema =>
        """{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"},"description":"Shell command lines, run one after the other."},"timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"required":["commands"]}"""u8;

    private static ReadOnlySpan<byte> ApplyPatchSchema =>
        """{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},"diff":{"type":"string","description":"For create_file and update_file: a diff in the V4A format, hunks of lines that begin with a space, + or -, each after a line with @@."}},"required":["type","path"]}"""u8;

    private static ReadOnlySpan<byte> SearchSchema => """{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}"""u8;

    /// <summary>Writes one entry of the chat member <c>tools</c>.</summary>
    /// <param name="tool">With the name it goes by.</param>
    /// <param name="source">As the client declared it.</param>
    /// <param name="spaceDescription">The description of its namespace, for a function that has none itself.</param>
    /// <param name="json">Stands within the array.</param>
    public static void Write(ResponseTool tool, JsonElement source, JsonElement spaceDescription, Utf8JsonWriter json)
    {
        // A function that came in the chat form keeps its bytes.
        if (tool is { Kind: ResponseToolKind.Function, Namespace: null } && tool.ChatName == tool.Name && source.Has("function"u8, JsonValueKind.Object, out _))
        {
            json.WriteRaw(source);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteText("name"u8, tool.ChatName);
        switch (tool.Kind)
        {
            case ResponseToolKind.Function:
                WriteFunction(source.Has("function"u8, JsonValueKind.Object, out var nested) ? nested : source, spaceDescription, json);
                break;
            case ResponseToolKind.Custom:
                json.WriteText("description"u8, DescribeCustom(source.Has("custom"u8, JsonValueKind.Object, out nested) ? nested : source, spaceDescription));
                json.WriteRaw("parameters"u8, CustomSchema);
                break;
            case ResponseToolKind.LocalShell:
                json.WriteString("description"u8, "Runs a program on the user's machine and returns its output."u8);
                json.WriteRaw("parameters"u8, LocalShellSchema);
                break;
            case ResponseToolKind.Shell:
                json.WriteString("description"u8, "Runs shell commands on the user's machine and returns their output."u8);
                json.WriteRaw("parameters"u8, ShellSchema);
                break;
            case ResponseToolKind.ApplyPatch:
                json.WriteString("description"u8, "Creates, updates or deletes one file of the user's workspace."u8);
                json.WriteRaw("parameters"u8, ApplyPatchSchema);
                break;
            case ResponseToolKind.ToolSearch:
                WriteSearch(source, json);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFunction(JsonElement function, JsonElement spaceDescription, Utf8JsonWriter json)
    {
        if (function.Has("description"u8, out var description))
        {
            json.WriteRaw("description"u8, description);
        }
        else if (spaceDescription.ValueKind is JsonValueKind.String)
        {
            json.WriteRaw("description"u8, spaceDescription);
        }

        foreach (var member in (ReadOnlySpan<string>)["parameters", "strict"])
        {
            if (function.Find(member) is { } value)
            {
                json.WriteRaw(member, value);
            }
        }
    }

    private static void WriteSearch(JsonElement source, Utf8JsonWriter json)
    {
        if (source.Has("description"u8, JsonValueKind.String, out var description))
        {
            json.WriteRaw("description"u8, description);
        }
        else
        {
            json.WriteString("description"u8, "Finds further tools by what they do; those it finds can be called from then on."u8);
        }

        json.WritePropertyName("parameters"u8);
        json.WriteRawValue(source.Has("parameters"u8, JsonValueKind.Object, out var parameters) ? parameters.Raw() : SearchSchema, skipInputValidation: true);
    }

    private static string DescribeCustom(JsonElement custom, JsonElement spaceDescription)
    {
        var text = new StringBuilder(custom.FindText("description") ?? spaceDescription.Text());
        text.Append(text.Length > 0 ? "\n\n" : "").Append("Give the whole text of the input as the string \"input\".");
        if (custom.Has("format"u8, JsonValueKind.Object, out var format) && format.Is("type"u8, "grammar"u8))
        {
            var grammar = format.Has("grammar"u8, JsonValueKind.Object, out var nested) ? nested : format;
            text.Append(" It must follow this ").Append(grammar.FindText("syntax") ?? "").Append(" grammar:\n").Append(grammar.FindText("definition") ?? "");
        }

        return text.ToString();
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>A call of the history as a chat model is told of it. Texts are JSON strings, quotes included.</summary>
/// <param name="Id">Of the call.</param>
/// <param name="Name">Of the function.</param>
/// <param name="Arguments">A JSON document in a string.</param>
/// <param name="Output">Content of the tool message that belongs to it; empty = it comes as an item of its own, or not at all.</param>
internal readonly record struct HistoryCall(ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Arguments, ReadOnlyMemory<byte> Output);

/// <summary>
/// Items that call a tool, other than a function, and what such tools gave. Those of tools that ran on OpenAI's servers carry both; where they carry nothing a
/// model could read, they are no calls.
/// </summary>
internal static class HistoryCalls
{
    /// <summary>Null = it calls nothing, or is too broken to be told.</summary>
    public static HistoryCall? ReadCall(string type, JsonElement item, ResponseTools tools)
    {
        if (!TryGetId(item, out var id))
        {
            return null;
        }

        return type switch
        {
            "custom_tool_call" when item.Has("name"u8, JsonValueKind.String, out var name) && item.Has("input"u8, JsonValueKind.String, out var input) =>
                Call(tools.ChatNameOf(ResponseToolKind.Custom, item.FindText("namespace"), name.Text()), [.. "{\"input\":"u8, .. input.Raw(), .. "}"u8]),
            "local_shell_call" when item.Has("action"u8, JsonValueKind.Object, out var action) => Call(NameOf(ResponseToolKind.LocalShell, "local_shell"), action.Raw()),
            "shell_call" when item.Has("action"u8, JsonValueKind.Object, out var action) => Call(NameOf(ResponseToolKind.Shell, "shell"), action.Raw()),
            "apply_patch_call" when item.Has("operation"u8, JsonValueKind.Object, out var operation) => Call(NameOf(ResponseToolKind.ApplyPatch, "apply_patch"), operation.Raw()),
            "tool_search_call" when item.Has("call_id"u8, JsonValueKind.String, out _) => Call(NameOf(ResponseToolKind.ToolSearch, "tool_search"), Arguments(item, "{}"u8)),
            "computer_call" => Call("computer", item.Has("actions"u8, JsonValueKind.Array, out var actions) ? Member("actions"u8, actions) : item.Has("action"u8, out var one) ? Member("action"u8, one) : "{}"u8),
            "mcp_call" when item.Has("name"u8, JsonValueKind.String, out var name) =>
                Call(ToolNames.Flatten(item.FindText("server_label") ?? "mcp", name.Text()), Arguments(item, "{}"u8), Result(item, "output", "error")),
            "code_interpreter_call" when item.Has("code"u8, JsonValueKind.String, out var code) => Call("code_interpreter", Member("code"u8, code), Result(item, "outputs", "outputs")),
            "file_search_call" when item.Has("results"u8, JsonValueKind.Array, out _) =>
                Call("file_search", item.Has("queries"u8, out var queries) ? Member("queries"u8, queries) : "{}"u8, Result(item, "results", "results")),
            _ => null,
        };

        string NameOf(ResponseToolKind kind, string name) => tools.ChatNameOf(kind, null, name);

        HistoryCall Call(string name, ReadOnlySpan<byte> arguments, byte[]? output = null) => new(id.Raw().ToArray(), JsonText.Quote(name), Quote(arguments), output);
    }

    /// <summary>Writes what a tool gave as the content of a tool message. False = the item is none of these, or too broken to be told.</summary>
    public static bool TryWriteOutput(string type, JsonElement item, ResponseTools tools, ResponsesContent content, IBufferWriter<byte> output)
    {
        var given = item.Has("output"u8, out var found) ? found : default;
        switch (type)
        {
            case "custom_tool_call_output" or "local_shell_call_output" or "computer_call_output" when given.ValueKind is JsonValueKind.Array:
                return content.WriteOutput(given, output) is null;
            case "computer_call_output" when given.ValueKind is JsonValueKind.Object:
                return content.WriteOutput(JsonReading.Element([(byte)'[', .. given.Raw(), (byte)']']), output) is null;
            case "apply_patch_call_output":
                WritePatched(item, given, output);
                return true;
            case "tool_search_output":
                WriteFound(item, tools, output);
                return true;
            case "custom_tool_call_output" or "local_shell_call_output" or "shell_call_output" or "computer_call_output":
                output.Write(given.ValueKind is JsonValueKind.String ? given.Raw() : given.ValueKind is JsonValueKind.Undefined ? "\"\""u8 : Quote(given.Raw()));
                return true;
            default:
                return false;
        }
    }

    /// <summary>The id a call and its output share; some items have it as their own.</summary>
    public static bool TryGetId(JsonElement item, out JsonElement id) =>
        (item.Has("call_id"u8, out id) || item.Has("id"u8, out id)) && id.ValueKind is JsonValueKind.String && !id.RawText().IsEmpty;

    private static void WritePatched(JsonElement item, JsonElement given, IBufferWriter<byte> output)
    {
        var status = item.FindText("status") ?? "completed";
        var said = given.Text();
        output.Write(JsonText.Quote(said.Length == 0 ? status : status is "completed" ? said : $"{status}: {said}"));
    }

    // The tools themselves are declared with the others: the model is told what they are called.
    private static void WriteFound(JsonElement item, ResponseTools tools, IBufferWriter<byte> output)
    {
        var found = new List<string>();
        if (item.Has("tools"u8, JsonValueKind.Array, out var list))
        {
            foreach (var tool in list.EnumerateArray())
            {
                AddName(tool, null);
                if (tool.Is("type"u8, "namespace"u8) && tool.Has("tools"u8, JsonValueKind.Array, out var members))
                {
                    foreach (var member in members.EnumerateArray())
                    {
                        AddName(member, tool.FindText("name"));
                    }
                }
            }
        }

        output.Write(JsonText.Quote(found.Count > 0 ? "Found, and can be called now: " + string.Join(", ", found) : "Nothing was found."));

        void AddName(JsonElement tool, string? space)
        {
            var isCustom = tool.Is("type"u8, "custom"u8);
            if ((isCustom || tool.Is("type"u8, "function"u8)) && tool.FindText("name") is { } name)
            {
                found.Add(tools.ChatNameOf(isCustom ? ResponseToolKind.Custom : ResponseToolKind.Function, space, name));
            }
        }
    }

    private static ReadOnlySpan<byte> Arguments(JsonElement item, ReadOnlySpan<byte> otherwise) =>
        !item.Has("arguments"u8, out var arguments) ? otherwise
        : arguments.ValueKind is JsonValueKind.String ? Encoding.UTF8.GetBytes(arguments.Text())
        : arguments.Raw();

    private static byte[] Member(ReadOnlySpan<byte> name, JsonElement value) => [.. "{\""u8, .. name, .. "\":"u8, .. value.Raw(), (byte)'}'];

    private static byte[] Result(JsonElement item, string name, string otherwise) =>
        (item.Find(name) ?? item.Find(otherwise)) is { } result ? result.ValueKind is JsonValueKind.String ? result.Raw().ToArray() : Quote(result.Raw()) : "\"\""u8.ToArray();

    private static byte[] Quote(ReadOnlySpan<byte> json) => JsonText.Quote(Encoding.UTF8.GetString(json));
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// The arguments a chat model wrote for one of the API's own client-run tools → what the item that calls it holds, in the API's form whatever the model
/// wrote: clients refuse items they cannot read. Pure.
/// </summary>
internal static class ClientActions
{
    /// <summary>The member of the item that holds the action.</summary>
    public static ReadOnlySpan<byte> MemberOf(ResponseToolKind kind) => kind switch
    {
        ResponseToolKind.ApplyPatch => "operation"u8,
        ResponseToolKind.ToolSearch => "arguments"u8,
        _ => "action"u8,
    };

    /// <summary>The action as JSON.</summary>
    /// <param name="kind">Of the tool.</param>
    /// <param name="arguments">As they stand between the quotes of a JSON string.</param>
    public static ReadOnlyMemory<byte> Of(ResponseToolKind kind, ReadOnlySpan<byte> arguments)
    {
        var text = JsonText.Unescape(arguments);
        using var document = JsonReading.TryDocument(Encoding.UTF8.GetBytes(text));
        var given = document?.RootElement ?? default;
        var output = new ArrayBufferWriter<byte>(arguments.Length + 64);
        using (var json = JsonWriting.To(output))
        {
            switch (kind)
            {
                case ResponseToolKind.LocalShell:
                    WriteLocalShell(given, json);
                    break;
                case ResponseToolKind.Shell:
                    WriteShell(given, json);
                    break;
                case ResponseToolKind.ApplyPatch:
                    WritePatch(given, text, json);
                    break;
                default:
                    WriteSearch(given, text, json);
                    break;
            }
        }

        return output.WrittenMemory;
    }

    /// <summary>An operation before its diff.</summary>
    public static ReadOnlyMemory<byte> WithoutDiff(ReadOnlyMemory<byte> operation)
    {
        using var document = JsonReading.Document(operation);
        return document.RootElement.Has("diff"u8, out _) ? JsonEdits.WithMember(operation, "diff"u8, "\"\""u8.ToArray()) : operation;
    }

    private static void WriteLocalShell(JsonElement given, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "exec"u8);
        json.WriteStartArray("command"u8);
        if (given.Has("command"u8, out var command) && command.ValueKind is JsonValueKind.String)
        {
            json.WriteStringValue("bash"u8);
            json.WriteStringValue("-lc"u8);
        }

        WriteTexts(command, json);
        json.WriteEndArray();
        json.WritePropertyName("env"u8);
        json.WriteRawValue(given.Has("env"u8, JsonValueKind.Object, out var env) && env.EnumerateObject().All(static m => m.Value.ValueKind is JsonValueKind.String) ? env.Raw() : "{}"u8, skipInputValidation: true);
        WriteNumber(given, "timeout_ms", json, isAlways: false);
        foreach (var name in (ReadOnlySpan<string>)["user", "working_directory"])
        {
            if (given.Find(name) is { ValueKind: JsonValueKind.String } text)
            {
                json.WriteRaw(name, text);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteShell(JsonElement given, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("commands"u8);
        WriteTexts(given.Has("commands"u8, out var commands) || given.Has("command"u8, out commands) ? commands : default, json);
        json.WriteEndArray();
        WriteNumber(given, "timeout_ms", json, isAlways: true);
        WriteNumber(given, "max_output_length", json, isAlways: true);
        json.WriteEndObject();
    }

    private static void WritePatch(JsonElement given, string text, Utf8JsonWriter json)
    {
        given = given.Has("operation"u8, JsonValueKind.Object, out var nested) ? nested : given;
        var type = given.FindText("type") is "create_file" or "delete_file" ? given.FindText("type")! : "update_file";
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteText("path"u8, given.FindText("path") ?? "");
        if (type is not "delete_file")
        {
            // What is no operation at all fails at the client, whose words the model will read.
            json.WriteText("diff"u8, given.FindText("diff") ?? (given.ValueKind is JsonValueKind.Object ? "" : text));
        }

        json.WriteEndObject();
    }

    private static void WriteSearch(JsonElement given, string text, Utf8JsonWriter json)
    {
        // Kept as it is only where it may become part of another document.
        if (given.ValueKind is not JsonValueKind.String && !JsonReading.IsEmbeddable(given.ValueKind is JsonValueKind.Object ? given.Raw() : default))
        {
            json.WriteRawValue(text.AsSpan().IsWhiteSpace() ? "{}"u8 : JsonText.Quote(text), skipInputValidation: true);
        }
        else
        {
            json.WriteRaw(given);
        }
    }

    private static void WriteTexts(JsonElement given, Utf8JsonWriter json)
    {
        if (given.ValueKind is JsonValueKind.String)
        {
            json.WriteRaw(given);
        }
        else if (given.ValueKind is JsonValueKind.Array)
        {
            foreach (var text in given.EnumerateArray().Where(static t => t.ValueKind is JsonValueKind.String))
            {
                json.WriteRaw(text);
            }
        }
    }

    private static void WriteNumber(JsonElement given, string name, Utf8JsonWriter json, bool isAlways)
    {
        if (given.Find(name) is { ValueKind: JsonValueKind.Number } number)
        {
            json.WriteRaw(name, number);
        }
        else if (isAlways)
        {
            json.WriteNull(name);
        }
    }
}

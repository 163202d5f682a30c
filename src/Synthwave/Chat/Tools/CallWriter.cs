using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>Writes calls in either of the two forms; members we know nothing about (signatures of providers, for instance) go along as they are.</summary>
internal static class CallWriter
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The value of <c>tool_calls</c>.</summary>
    public static ReadOnlyMemory<byte> ToolCalls(ImmutableArray<ToolCall> calls)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output, Relaxed))
        {
            writer.WriteStartArray();
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                WriteString(writer, "id", call.Id);
                writer.WriteString("type"u8, "function"u8);
                writer.WriteStartObject("function"u8);
                WriteString(writer, "name", call.Name);
                WriteString(writer, "arguments", call.Arguments);
                WriteOthers(writer, ToolJson.Find(call.Source, "function"), ["name", "arguments"]);
                writer.WriteEndObject();
                WriteOthers(writer, call.Source, ["id", "type", "function", "index"]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return output.WrittenMemory;
    }

    /// <summary>The value of <c>function_call</c>.</summary>
    public static ReadOnlyMemory<byte> FunctionCall(ToolCall call)
    {
        var output = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(output, Relaxed))
        {
            writer.WriteStartObject();
            WriteString(writer, "name", call.Name);
            WriteString(writer, "arguments", call.Arguments);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Writes a string in which half of a surrogate pair survives.</summary>
    public static void WriteString(Utf8JsonWriter writer, string name, string text)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(ChunkText.Quote(text), skipInputValidation: true);
    }

    /// <summary>Copies the members of an object that are not in <paramref name="known"/>.</summary>
    public static void WriteOthers(Utf8JsonWriter writer, JsonElement? source, ReadOnlySpan<string> known)
    {
        if (source is not { ValueKind: JsonValueKind.Object } members)
        {
            return;
        }

        foreach (var member in members.EnumerateObject())
        {
            if (!known.Contains(member.NameText()))
            {
                ToolJson.WriteRaw(writer, member);
            }
        }
    }
}

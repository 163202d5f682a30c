using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>Writes calls in either of the two forms; members we know nothing about (signatures of providers, for instance) go along as they are.</summary>
internal static class CallWriter
{
    /// <summary>The value of <c>tool_calls</c>.</summary>
    public static ReadOnlyMemory<byte> ToolCalls(ImmutableArray<ToolCall> calls)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartArray();
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteText("id"u8, call.Id);
                writer.WriteString("type"u8, "function"u8);
                writer.WriteStartObject("function"u8);
                writer.WriteText("name"u8, call.Name);
                writer.WriteText("arguments"u8, call.Arguments);
                WriteOthers(writer, call.Source.Find("function"), ["name", "arguments"]);
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
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartObject();
            writer.WriteText("name"u8, call.Name);
            writer.WriteText("arguments"u8, call.Arguments);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
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
                writer.WriteRaw(member);
            }
        }
    }
}

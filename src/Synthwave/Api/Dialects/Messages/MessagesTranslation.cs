using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>One Messages request on its way to a chat body. Used once.</summary>
/// <param name="root">The request, already checked for its model.</param>
internal sealed class MessagesTranslation(JsonElement root)
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <summary>The chat body, once <see cref="Run"/> returned null.</summary>
    public ReadOnlyMemory<byte> Body => _output.WrittenMemory;

    /// <summary>The client asked for thinking.</summary>
    public bool WantsReasoning { get; private set; }

    /// <summary>Translates. Null = done, otherwise what is wrong with the request.</summary>
    public GatewayError? Run()
    {
        using var json = JsonWriting.To(_output);
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        if ((WriteSystem(json) ?? WriteMessages(json)) is { } problem)
        {
            return problem;
        }

        json.WriteEndArray();
        if (MessagesTools.Write(root, json) is { } toolProblem)
        {
            return toolProblem;
        }

        WriteFormat(json);
        foreach (var member in root.EnumerateObject())
        {
            WriteKnown(json, member);
        }

        json.WriteStartObject("x_anthropic"u8);
        foreach (var member in root.EnumerateObject())
        {
            if (!IsTranslated(member.NameText()))
            {
                json.WriteRaw(member);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
        WantsReasoning = root.Has("thinking"u8, JsonValueKind.Object, out var thinking)
            && thinking.Has("type"u8, out var type) && type.TryGetText(out var mode) && mode is "enabled" or "adaptive";
        return null;
    }

    private GatewayError? WriteSystem(Utf8JsonWriter json)
    {
        if (!root.Has("system"u8, out var system) || (system.ValueKind is JsonValueKind.String && system.Raw().Length == 2)
            || (system.ValueKind is JsonValueKind.Array && system.GetArrayLength() == 0))
        {
            return null;
        }

        if (system.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return GatewayError.BadRequest("invalid_request", "system must be a string or an array of text blocks.", "system");
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "system"u8);
        json.WritePropertyName("content"u8);
        var problem = MessagesContent.WriteTextOnly(system, json, "system");
        json.WriteEndObject();
        return problem;
    }

    private GatewayError? WriteMessages(Utf8JsonWriter json)
    {
        if (!root.Has("messages"u8, out var messages) || messages.ValueKind is not JsonValueKind.Array)
        {
            return GatewayError.BadRequest("invalid_request", "messages is required: an array of at least one message.", "messages");
        }

        var position = 0;
        foreach (var message in messages.EnumerateArray())
        {
            if (MessagesContent.WriteMessage(message, json, $"messages[{position++}]") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private void WriteFormat(Utf8JsonWriter json)
    {
        var format = root.Has("output_config"u8, JsonValueKind.Object, out var config) && config.Has("format"u8, out var inner) ? inner
            : root.Has("output_format"u8, out var outer) ? outer
            : default;
        if (format.ValueKind is not JsonValueKind.Object || !format.Has("schema"u8, out var schema))
        {
            return;
        }

        json.WriteStartObject("response_format"u8);
        json.WriteString("type"u8, "json_schema"u8);
        json.WriteStartObject("json_schema"u8);
        json.WriteString("name"u8, "answer"u8);
        json.WriteRaw("schema"u8, schema);
        json.WriteBoolean("strict"u8, true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteKnown(Utf8JsonWriter json, JsonProperty member)
    {
        switch (member.NameText())
        {
            case "model" or "max_tokens" or "stream" or "temperature" or "top_p" or "x_meta_model":
                json.WriteRaw(member);
                break;
            case "stop_sequences" when member.Value.ValueKind is not JsonValueKind.Array || member.Value.GetArrayLength() > 0:
                json.WriteRaw("stop"u8, member.Value);
                break;
        }
    }

    private static bool IsTranslated(string name) => name is "model" or "messages" or "system" or "max_tokens" or "stream" or "temperature" or "top_p" or "stop_sequences"
        or "tools" or "tool_choice" or "x_meta_model";
}

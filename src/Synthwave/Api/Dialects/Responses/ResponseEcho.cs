using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>What a response object repeats of its request, settled once: every member the official object has, defaults included.</summary>
internal sealed class ResponseEcho
{
    private ResponseEcho(string id, long createdAt, ReadOnlyMemory<byte> members)
    {
        Id = id;
        CreatedAt = createdAt;
        Members = members;
    }

    public string Id { get; }

    /// <summary>Unix seconds.</summary>
    public long CreatedAt { get; }

    /// <summary>Members as JSON text, each followed by a comma.</summary>
    public ReadOnlyMemory<byte> Members { get; }

    /// <param name="root">The request.</param>
    /// <param name="id">Of the response.</param>
    /// <param name="createdAt">Unix seconds.</param>
    /// <param name="brand">Shown as <c>model</c>; null = the model as the client typed it.</param>
    /// <param name="isStored">Whether the response will be kept.</param>
    public static ResponseEcho Of(JsonElement root, string id, long createdAt, string? brand, bool isStored)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteBoolean("background"u8, false);
            Echo("instructions"u8, "null"u8);
            Echo("max_output_tokens"u8, "null"u8);
            Echo("max_tool_calls"u8, "null"u8);
            Echo("metadata"u8, "{}"u8);
            if (brand is not null)
            {
                json.WriteString("model"u8, brand);
            }
            else
            {
                Echo("model"u8, "\"\""u8);
            }

            Echo("parallel_tool_calls"u8, "true"u8);
            Echo("previous_response_id"u8, "null"u8);
            Echo("prompt_cache_key"u8, "null"u8);
            WriteReasoning(json, root);
            Echo("safety_identifier"u8, "null"u8);
            Echo("service_tier"u8, "\"default\""u8);
            json.WriteBoolean("store"u8, isStored);
            Echo("temperature"u8, "1"u8);
            WriteText(json, root);
            Echo("tool_choice"u8, "\"auto\""u8);
            Echo("tools"u8, "[]"u8);
            Echo("top_logprobs"u8, "0"u8);
            Echo("top_p"u8, "1"u8);
            Echo("truncation"u8, "\"disabled\""u8);
            Echo("user"u8, "null"u8);
            json.WriteEndObject();

            void Echo(ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherwise)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(root.Has(name, out var value) ? value.Raw() : otherwise, skipInputValidation: true);
            }
        }

        // Without its braces, and the last comma in place of the closing one.
        var members = output.WrittenSpan[1..].ToArray();
        members[^1] = (byte)',';
        return new(id, createdAt, members);
    }

    private static void WriteReasoning(Utf8JsonWriter json, JsonElement root)
    {
        json.WriteStartObject("reasoning"u8);
        var given = root.Has("reasoning"u8, JsonValueKind.Object, out var reasoning) ? reasoning : default;
        foreach (var name in (ReadOnlySpan<string>)["effort", "summary"])
        {
            json.WritePropertyName(name);
            json.WriteRawValue(given.TryGet(name, out var value) ? value.Raw() : "null"u8, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, JsonElement root)
    {
        json.WriteStartObject("text"u8);
        var given = root.Has("text"u8, JsonValueKind.Object, out var text) ? text : default;
        json.WritePropertyName("format"u8);
        json.WriteRawValue(Has("format"u8, out var value) ? value.Raw() : "{\"type\":\"text\"}"u8, skipInputValidation: true);
        if (Has("verbosity"u8, out value))
        {
            json.WriteRaw("verbosity"u8, value);
        }

        json.WriteEndObject();

        bool Has(ReadOnlySpan<byte> name, out JsonElement found)
        {
            found = default;
            return given.Has(name, out found);
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Toml;
using Synthwave.Json;

namespace Synthwave.Api.Endpoints.Admin;

/// <summary>The configuration in force, key by key with where each comes from. Secrets are <c>***</c>. Pure.</summary>
internal static class EffectiveConfigJson
{
    /// <summary>The document.</summary>
    /// <param name="config">In force now.</param>
    /// <param name="listen">Where the process listens.</param>
    public static ReadOnlyMemory<byte> Write(GatewayConfig config, IEnumerable<string> listen)
    {
        var output = new ArrayBufferWriter<byte>(8192);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            if (config.SourcePath is { } path)
            {
                json.WriteText("file"u8, path);
            }

            json.WriteStartArray("listen");
            foreach (var url in listen)
            {
                json.WriteStringValue(url);
            }

            json.WriteEndArray();
            json.WriteStartArray("keys");
            foreach (var key in EffectiveConfigWriter.Values(config))
            {
                WriteKey(json, key);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteKey(Utf8JsonWriter json, EffectiveValue key)
    {
        json.WriteStartObject();
        json.WriteText("key"u8, key.Key);
        json.WritePropertyName("value");
        WriteValue(json, key.Value);
        WriteOrigin(json, key.Origin);
        json.WriteEndObject();
    }

    private static void WriteOrigin(Utf8JsonWriter json, in ConfigOrigin origin)
    {
        json.WriteString("origin", origin.Word);
        if (origin.Name is { } name)
        {
            json.WriteText("name"u8, name);
        }

        if (origin.Line > 0)
        {
            json.WriteNumber("line", origin.Line);
        }

        if (origin.Variables is not { Count: > 0 } variables)
        {
            return;
        }

        json.WriteStartArray("variables");
        foreach (var variable in variables)
        {
            json.WriteStringValue(variable);
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, TomlValue value)
    {
        switch (value)
        {
            case TomlString text:
                json.WriteRawValue(JsonText.Quote(text.Value), skipInputValidation: true);
                break;
            case TomlInteger number:
                json.WriteNumberValue(number.Value);
                break;
            case TomlFloat number when double.IsFinite(number.Value):
                json.WriteNumberValue(number.Value);
                break;
            case TomlBoolean flag:
                json.WriteBooleanValue(flag.Value);
                break;
            case TomlArray array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            case TomlTable table:
                json.WriteStartObject();
                foreach (var entry in table.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    WriteValue(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            default:
                // Times, infinities and what is no number have no form of their own in JSON.
                json.WriteStringValue(TomlWriter.Inline(value));
                break;
        }
    }
}

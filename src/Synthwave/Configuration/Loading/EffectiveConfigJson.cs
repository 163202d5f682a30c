using System.Text.Json;
using Synthwave.Configuration.Toml;
using Synthwave.Json;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// The configuration in force as JSON, key by key with where each value comes from; the one form for whoever asks for it. Secrets are <c>***</c>. Pure.
/// </summary>
internal static class EffectiveConfigJson
{
    /// <summary>
    /// Writes the member <c>effective</c>: a list of <c>key</c>, <c>value</c> (as JSON; what has no form there, such as a time, as TOML in a string) and <c>origin</c>. That has
    /// the <c>kind</c> (<see cref="ConfigOrigin.Word"/>) and, where there is one, the <c>name</c> of the file, variable, flag, provider or month, the
    /// <c>line</c> in the file, and the <c>variables</c> the value is made of.
    /// </summary>
    /// <param name="json">Within an object.</param>
    /// <param name="config">In force.</param>
    public static void Write(Utf8JsonWriter json, GatewayConfig config)
    {
        json.WriteStartArray("effective");
        foreach (var (key, value, origin) in EffectiveConfigWriter.Values(config))
        {
            json.WriteStartObject();
            json.WriteText("key"u8, key);
            json.WritePropertyName("value");
            WriteValue(json, value);
            json.WriteStartObject("origin");
            WriteOrigin(json, origin);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOrigin(Utf8JsonWriter json, in ConfigOrigin origin)
    {
        json.WriteString("kind", origin.Word);
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

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Configuration.Toml;

// Speaks the decoder protocol of toml-test: a document on stdin, tagged JSON on stdout; exit code 1 and a message for an invalid one.
using var input = new MemoryStream();
await Console.OpenStandardInput().CopyToAsync(input);
if (!TomlReader.TryRead(input.GetBuffer().AsSpan(0, (int)input.Length), out var root, out var error))
{
    await Console.Error.WriteLineAsync(error.ToString());
    return 1;
}

await using var output = Console.OpenStandardOutput();
await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
Write(json, root);
return 0;

static void Write(Utf8JsonWriter json, TomlValue value)
{
    switch (value)
    {
        case TomlTable table:
            json.WriteStartObject();
            foreach (var entry in table.Entries)
            {
                json.WritePropertyName(entry.Key);
                Write(json, entry.Value);
            }

            json.WriteEndObject();
            break;
        case TomlArray array:
            json.WriteStartArray();
            foreach (var item in array.Items)
            {
                Write(json, item);
            }

            json.WriteEndArray();
            break;
        case TomlString text:
            WriteTagged(json, "string", text.Value);
            break;
        case TomlInteger integer:
            WriteTagged(json, "integer", integer.Value.ToString(CultureInfo.InvariantCulture));
            break;
        case TomlFloat number:
            WriteTagged(json, "float", TomlWriter.Inline(number));
            break;
        case TomlBoolean boolean:
            WriteTagged(json, "bool", boolean.Value ? "true" : "false");
            break;
        case TomlTime time:
            WriteTagged(json, TimeTag(time.Kind), time.Text);
            break;
    }
}

static void WriteTagged(Utf8JsonWriter json, string type, string value)
{
    json.WriteStartObject();
    json.WriteString("type", type);
    json.WriteString("value", value);
    json.WriteEndObject();
}

static string TimeTag(TomlTimeKind kind) => kind switch
{
    TomlTimeKind.OffsetDateTime => "datetime",
    TomlTimeKind.LocalDateTime => "datetime-local",
    TomlTimeKind.LocalDate => "date-local",
    _ => "time-local",
};

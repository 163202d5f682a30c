using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Binding;

/// <summary>
/// Free-form settings as compact JSON text. What JSON cannot hold is reported: a date becomes a string, a float that is no number makes
/// its key fall away.
/// </summary>
internal static class JsonSetting
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The members of a table with their JSON values, in file order.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Members(SectionReader section)
    {
        foreach (var entry in section.Table.Entries)
        {
            if (IsWritable(entry.Value, section.PathOf(entry.Key), section.Problems))
            {
                yield return new KeyValuePair<string, string>(entry.Key, Text(entry.Value));
            }
        }
    }

    /// <summary>The table as one JSON object; null when it has no members.</summary>
    public static string? Object(SectionReader section)
    {
        var members = Members(section).Select(m => $"{JsonString(m.Key)}:{m.Value}").ToList();
        return members.Count == 0 ? null : $"{{{string.Join(',', members)}}}";
    }

    private static string JsonString(string text) => Text(new TomlString(text));

    private static string Text(TomlValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            Write(json, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reports what JSON cannot hold. False = the value has to be left out as a whole; a table's members fall away one by one.</summary>
    private static bool IsWritable(TomlValue value, string path, ProblemList problems)
    {
        switch (value)
        {
            case TomlFloat number when !double.IsFinite(number.Value):
                problems.Warn(value.Position, path, "JSON has no infinity and no NaN; the key is left out");
                return false;
            case TomlTime time:
                problems.Warn(value.Position, path, $"JSON has no dates; it is sent as the string \"{time.Text}\"", "write it in quotes");
                return true;
            case TomlArray array:
                return array.Items.All(item => IsWritable(item, path, problems));
            case TomlTable table:
                foreach (var entry in table.Entries)
                {
                    _ = IsWritable(entry.Value, $"{path}.{TomlWriter.Key(entry.Key)}", problems);
                }

                return true;
            default:
                return true;
        }
    }

    private static bool HasJsonForm(TomlValue value) => value switch
    {
        TomlFloat number => double.IsFinite(number.Value),
        TomlArray array => array.Items.All(HasJsonForm),
        _ => true,
    };

    private static void Write(Utf8JsonWriter json, TomlValue value)
    {
        switch (value)
        {
            case TomlString text:
                json.WriteStringValue(text.Value);
                break;
            case TomlInteger integer:
                json.WriteNumberValue(integer.Value);
                break;
            case TomlFloat number:
                // "1.0" has to stay a float: some endpoints tell it from "1".
                json.WriteRawValue(TomlWriter.Inline(number));
                break;
            case TomlBoolean flag:
                json.WriteBooleanValue(flag.Value);
                break;
            case TomlTime time:
                json.WriteStringValue(time.Text);
                break;
            case TomlArray array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case TomlTable table:
                json.WriteStartObject();
                foreach (var entry in table.Entries.Where(e => HasJsonForm(e.Value)))
                {
                    json.WritePropertyName(entry.Key);
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
        }
    }
}

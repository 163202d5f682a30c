using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration.Toml;
using Synthwave.Json;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// Free-form settings as compact JSON text. What JSON cannot hold is reported: a date becomes a string, a float that is no number makes
/// its key fall away.
/// </summary>
internal static class JsonSetting
{
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

    /// <summary>JSON text as written by this class, back as a value; tables are inline.</summary>
    public static TomlValue ToToml(string json)
    {
        using var document = JsonReading.Document(Encoding.UTF8.GetBytes(json));
        return ToToml(document.RootElement);
    }

    private static TomlValue ToToml(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var table = new TomlTable(TomlTableOrigin.Inline);
                foreach (var member in element.EnumerateObject())
                {
                    table.Add(member.NameText(), ToToml(member.Value));
                }

                return table;
            case JsonValueKind.Array:
                var array = new TomlArray();
                foreach (var item in element.EnumerateArray())
                {
                    array.Add(ToToml(item));
                }

                return array;
            case JsonValueKind.Number:
                var isFloat = element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');
                return isFloat ? new TomlFloat(element.GetDouble()) : new TomlInteger(element.GetInt64());
            case JsonValueKind.True or JsonValueKind.False:
                return new TomlBoolean(element.GetBoolean());
            default:
                return new TomlString(element.Text());
        }
    }

    private static string JsonString(string text) => Text(new TomlString(text));

    private static string Text(TomlValue value)
    {
        var json = new StringBuilder();
        Write(json, value);
        return json.ToString();
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

    private static void Write(StringBuilder json, TomlValue value)
    {
        switch (value)
        {
            case TomlString text:
                WriteString(json, text.Value);
                break;
            case TomlTime time:
                WriteString(json, time.Text);
                break;
            case TomlArray array:
                WriteList(json, '[', ']', array.Items, Write);
                break;
            case TomlTable table:
                WriteList(json, '{', '}', table.Entries.Where(e => HasJsonForm(e.Value)), static (json, entry) =>
                {
                    WriteString(json, entry.Key);
                    json.Append(':');
                    Write(json, entry.Value);
                });
                break;
            default:
                // Numbers and booleans are written alike in both languages; "1.0" stays a float, which some endpoints tell from "1".
                json.Append(TomlWriter.Inline(value));
                break;
        }
    }

    private static void WriteList<T>(StringBuilder json, char open, char close, IEnumerable<T> items, Action<StringBuilder, T> write)
    {
        json.Append(open);
        var separator = "";
        foreach (var item in items)
        {
            json.Append(separator);
            write(json, item);
            separator = ",";
        }

        json.Append(close);
    }

    /// <summary>Escapes what must be and nothing else; the framework's most relaxed encoder would still escape emoji.</summary>
    private static void WriteString(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}

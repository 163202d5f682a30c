using System.Globalization;
using System.Text;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// Writes a tree as a TOML 1.0 document that reads back as the same tree, except that within a table plain values come before
/// sub-tables. Tables marked inline, and tables inside arrays that do not consist of tables alone, are written in braces.
/// </summary>
internal static class TomlWriter
{
    /// <param name="root">The document.</param>
    /// <param name="comment">What is said behind a value, given with its dotted key, on one line; null = nothing anywhere.</param>
    public static string Write(TomlTable root, Func<string, string>? comment = null)
    {
        var text = new StringBuilder();
        WriteBody(text, root, "", comment);
        return text.ToString();
    }

    /// <summary>A key as it must be written: bare where possible, else quoted.</summary>
    public static string Key(string key)
    {
        if (key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            return key;
        }

        var text = new StringBuilder();
        WriteString(text, key);
        return text.ToString();
    }

    /// <summary>A value on one line.</summary>
    public static string Inline(TomlValue value)
    {
        var text = new StringBuilder();
        WriteInline(text, value);
        return text.ToString();
    }

    private static void WriteBody(StringBuilder text, TomlTable table, string path, Func<string, string>? comment)
    {
        foreach (var entry in table.Entries.Where(e => !IsSection(e.Value)))
        {
            text.Append(Key(entry.Key)).Append(" = ");
            WriteInline(text, entry.Value);
            if (comment is not null)
            {
                text.Append("  # ").Append(comment(path.Length == 0 ? Key(entry.Key) : $"{path}.{Key(entry.Key)}"));
            }

            text.Append('\n');
        }

        foreach (var entry in table.Entries.Where(e => IsSection(e.Value)))
        {
            var name = path.Length == 0 ? Key(entry.Key) : $"{path}.{Key(entry.Key)}";
            if (entry.Value is TomlTable section)
            {
                WriteSection(text, section, name, $"[{name}]", comment);
            }
            else
            {
                foreach (var item in ((TomlArray)entry.Value).Items)
                {
                    WriteSection(text, (TomlTable)item, name, $"[[{name}]]", comment);
                }
            }
        }
    }

    private static void WriteSection(StringBuilder text, TomlTable section, string name, string header, Func<string, string>? comment)
    {
        text.Append(text.Length == 0 ? "" : "\n").Append(header).Append('\n');
        WriteBody(text, section, name, comment);
    }

    private static bool IsSection(TomlValue value) => value switch
    {
        TomlTable table => table.Origin != TomlTableOrigin.Inline,
        TomlArray array => array.Items.Count > 0 && array.Items.All(i => i is TomlTable { Origin: not TomlTableOrigin.Inline }),
        _ => false,
    };

    private static void WriteInline(StringBuilder text, TomlValue value)
    {
        switch (value)
        {
            case TomlString s:
                WriteString(text, s.Value);
                break;
            case TomlInteger i:
                text.Append(CultureInfo.InvariantCulture, $"{i.Value}");
                break;
            case TomlFloat f:
                text.Append(Float(f.Value));
                break;
            case TomlBoolean b:
                text.Append(b.Value ? "true" : "false");
                break;
            case TomlTime t:
                text.Append(t.Text);
                break;
            case TomlArray array:
                WriteList(text, '[', ']', array.Items, static (text, item) => WriteInline(text, item));
                break;
            case TomlTable table:
                WriteList(text, '{', '}', table.Entries, static (text, entry) =>
                {
                    text.Append(Key(entry.Key)).Append(" = ");
                    WriteInline(text, entry.Value);
                });
                break;
        }
    }

    private static void WriteList<T>(StringBuilder text, char open, char close, IReadOnlyList<T> items, Action<StringBuilder, T> write)
    {
        var padding = open == '{' && items.Count > 0 ? " " : "";
        text.Append(open).Append(padding);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            write(text, items[i]);
        }

        text.Append(padding).Append(close);
    }

    private static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        return digits.AsSpan().ContainsAny('.', 'E') ? digits : digits + ".0";
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '\u007F' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}

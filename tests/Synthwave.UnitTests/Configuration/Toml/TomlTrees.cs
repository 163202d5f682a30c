using System.Globalization;
using System.Text;
using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Toml;

/// <summary>Reading for tests, and trees as short text: <c>{a: i1, b: [s'x', f0.5], c: {}}</c>.</summary>
internal static class TomlTrees
{
    public static TomlTable Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static TomlTable Read(ReadOnlySpan<byte> utf8)
    {
        TomlReader.TryRead(utf8, out var root, out var error).Should().BeTrue("the document is valid, but: {0}", error);
        return root!;
    }

    public static TomlError ReadError(string text) => ReadError(Encoding.UTF8.GetBytes(text));

    public static TomlError ReadError(ReadOnlySpan<byte> utf8)
    {
        TomlReader.TryRead(utf8, out var root, out var error).Should().BeFalse("the document is invalid, but was read as {0}", root is null ? "" : Show(root));
        return error!;
    }

    /// <param name="value">A tree.</param>
    /// <param name="sorted">Whether keys are put in ordinal order.</param>
    public static string Show(TomlValue value, bool sorted = false) => value switch
    {
        TomlString s => $"s'{s.Value}'",
        TomlInteger i => "i" + i.Value.ToString(CultureInfo.InvariantCulture),
        TomlFloat f => "f" + f.Value.ToString("R", CultureInfo.InvariantCulture),
        TomlBoolean b => b.Value ? "true" : "false",
        TomlTime t => $"{t.Kind}({t.Text})",
        TomlArray a => $"[{string.Join(", ", a.Items.Select(i => Show(i, sorted)))}]",
        TomlTable t => $"{{{string.Join(", ", Ordered(t, sorted).Select(e => $"{e.Key}: {Show(e.Value, sorted)}"))}}}",
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static IEnumerable<TomlEntry> Ordered(TomlTable table, bool sorted) =>
        sorted ? table.Entries.OrderBy(e => e.Key, StringComparer.Ordinal) : table.Entries;
}

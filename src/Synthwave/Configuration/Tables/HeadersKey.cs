using System.Collections.Frozen;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>A table of header names and values; the values are kept secret.</summary>
internal sealed class HeadersKey(string name, string meaning) : ConfigKey(name, meaning)
{
    private readonly TableKey _table = new(name, meaning);

    public override string Expects => "a table of strings";

    /// <summary>Null when the key is not written or holds no table.</summary>
    public FrozenDictionary<string, Secret>? Read(SectionReader section)
    {
        if (section.Section(_table) is not { } table)
        {
            return null;
        }

        var headers = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in table.Table.Entries)
        {
            var path = table.PathOf(entry.Key);
            if (NameProblem(entry.Key) is { } problem)
            {
                section.ErrorAt(entry.KeyPosition, path, problem);
            }
            else if (entry.Value is not TomlString { Value: var value } || value.Any(c => c is < ' ' or > '~'))
            {
                section.ErrorAt(entry.Value.Position, path, "must be a string of printable ASCII characters");
            }
            else if (!headers.TryAdd(entry.Key, new Secret(value)))
            {
                section.ErrorAt(entry.KeyPosition, path, "is a duplicate: header names ignore case");
            }
            else if (section.Problems.WrittenAt(entry.Value.Position) is null)
            {
                KeyText.WarnOfHeader(section, entry.Key, entry.Value.Position, path, value);
            }
        }

        return headers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Names in order, values hidden; null without any.</summary>
    public static TomlTable? Write(FrozenDictionary<string, Secret> headers) => headers.Count == 0
        ? null
        : TomlTable.Of(headers.Keys.Order(StringComparer.Ordinal).Select(n => (n, (TomlValue)new TomlString(SecretKey.Hidden))));

    private static string? NameProblem(string name) =>
        !HeaderNames.IsName(name) ? "is no header name"
        : HeaderNames.IsOfTheMessage(name) ? "is set by the gateway itself (host, content-*, transfer-encoding and connection cannot be configured)"
        : null;
}

using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// Hides what is likely a secret in values that may be shown: users and passwords in URLs, query values and members named like keys, and texts that look like
/// keys. Too much is hidden rather than too little.
/// </summary>
internal static class Mask
{
    /// <summary>A URL without user and password, and without the values of a query that are named like secrets.</summary>
    public static string Url(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? WithoutUser(url) : WithoutUser(url[..query]) + "?" + Query(url[(query + 1)..]);
    }

    /// <summary>Free-form settings: members named like secrets are hidden with all that is in them.</summary>
    public static TomlValue Settings(TomlValue value, bool isSecret = false) => value switch
    {
        TomlString text => isSecret || SecretShapes.MayHoldSecret(text.Value) ? new TomlString(SecretKey.Hidden) : text.Value.Contains("://", StringComparison.Ordinal) ? new TomlString(Url(text.Value)) : text,
        TomlTable table => Table(table, isSecret),
        TomlArray array => List(array, isSecret),
        TomlInteger or TomlFloat when isSecret => new TomlString(SecretKey.Hidden),
        _ => value,
    };

    private static TomlTable Table(TomlTable table, bool isSecret)
    {
        var masked = new TomlTable(table.Origin);
        foreach (var entry in table.Entries)
        {
            masked.Add(entry.Key, Settings(entry.Value, isSecret || SecretShapes.IsSecretName(entry.Key)));
        }

        return masked;
    }

    private static TomlArray List(TomlArray array, bool isSecret)
    {
        var masked = new TomlArray();
        foreach (var item in array.Items)
        {
            masked.Add(Settings(item, isSecret));
        }

        return masked;
    }

    private static string WithoutUser(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3)
        {
            return url;
        }

        var end = url.AsSpan(start).IndexOfAny('/', '#');
        var at = url.LastIndexOf('@', end < 0 ? url.Length - 1 : start + end - 1);
        return at >= start ? $"{url[..start]}{SecretKey.Hidden}@{url[(at + 1)..]}" : url;
    }

    private static string Query(string query) => string.Join('&', query.Split('&').Select(member =>
    {
        var equals = member.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? SecretShapes.MayHoldSecret(member) ? SecretKey.Hidden : member
            : SecretShapes.IsSecretName(Uri.UnescapeDataString(member[..equals])) || SecretShapes.MayHoldSecret(Uri.UnescapeDataString(member[(equals + 1)..]))
                ? $"{member[..equals]}={SecretKey.Hidden}"
                : member;
    }));
}

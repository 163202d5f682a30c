using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>The start of a path, without a slash at its end; empty = none.</summary>
internal sealed class PathPrefixKey(string name, string meaning) : ConfigKey<string>(name, meaning)
{
    public override string Expects => "a path like \"/llm\" out of letters, digits, \"-\", \".\", \"_\" and \"~\"";

    public override bool TryRead(TomlValue value, out string result, ref string? doubt)
    {
        result = (value as TomlString)?.Value.TrimEnd('/') ?? "";
        return value is TomlString && (result.Length == 0 || (result[0] == '/' && result[1..].Split('/').All(IsSegment)))
            && !string.Equals(result, "/healthz", StringComparison.OrdinalIgnoreCase);
    }

    public override TomlValue Write(string value) => new TomlString(value);

    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~');
}

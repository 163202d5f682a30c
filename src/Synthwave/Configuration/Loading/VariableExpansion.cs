using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>The environment's values in the strings of a file. Keys and places stay as they are written.</summary>
internal static class VariableExpansion
{
    /// <summary>The tree as it counts. A string that cannot be read is reported and stays as it is written.</summary>
    public static TomlTable Expand(TomlTable tree, Func<string, string?> environment, ProblemList problems) =>
        TomlStrings.Replace(tree, (text, path) => text.Value.Contains('$', StringComparison.Ordinal) ? Expand(text, path, environment, problems) : text);

    /// <summary>The tree whose expansion is <paramref name="tree"/>.</summary>
    public static TomlTable Escape(TomlTable tree) =>
        TomlStrings.Replace(tree, static (text, _) => IsSpecial(text.Value) ? new TomlString(text.Value.Replace("$", "$$", StringComparison.Ordinal), text.Position) : text);

    private static bool IsSpecial(string text) => text.Contains("${", StringComparison.Ordinal) || text.Contains("$$", StringComparison.Ordinal);

    private static TomlString Expand(TomlString text, string path, Func<string, string?> environment, ProblemList problems)
    {
        var reader = new VariableText(text.Value, environment);
        if (reader.Expand() is not { } value)
        {
            var (message, hint) = reader.Problem!.Value; // There is no text because there is a problem.
            problems.Unread(text.Position, path, message, hint);
            return text;
        }

        if (text.Value.Contains("${", StringComparison.Ordinal))
        {
            problems.Hide(text.Position, value, text.Value);
        }

        return new TomlString(value, text.Position);
    }
}

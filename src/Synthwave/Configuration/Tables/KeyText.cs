using System.Globalization;
using System.Text.RegularExpressions;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>Keys and tokens that cannot be what was meant. Nothing of them is shown but a variable's name.</summary>
internal static partial class KeyText
{
    // A run of so many letters and digits is no word.
    private const int LeastRandom = 20;

    /// <summary>Refuses a key that is another tool's spelling of a variable, or that no header can hold.</summary>
    public static void Check(SectionReader section, ConfigKey key, Secret? secret)
    {
        if (secret?.Reveal() is not { } text)
        {
            return;
        }

        if (section.Problems.WrittenAt(section.PositionOf(key)) is null && Spelling().Match(text) is { Success: true } match)
        {
            section.Error(key, "is the name of a variable in a spelling that is not read here", $"write {key.Name} = \"${{{match.Groups["name"].Value}}}\" or {key.Name}_env = \"{match.Groups["name"].Value}\"");
        }
        else if (Oddity(text) is { } oddity)
        {
            section.Error(key, oddity, "copy the key anew");
        }
    }

    /// <summary>Refuses what cannot be the name of a variable or a file: the variable's value, another tool's spelling of it, the key itself.</summary>
    /// <param name="section">The table.</param>
    /// <param name="key">One that ends in <c>_env</c> or <c>_file</c>.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    /// <param name="isNeeded">Whether the gateway cannot start without what is named.</param>
    public static void CheckName(SectionReader section, ConfigKey key, Func<string, string?> environment, bool isNeeded = false)
    {
        if (section.Table.Find(key.Name)?.Value is not TomlString { Value: var value })
        {
            return;
        }

        var written = section.Problems.WrittenAt(section.PositionOf(key)) ?? value;
        var isVariable = key.Name.EndsWith("_env", StringComparison.Ordinal);
        var match = Variable().Match(written);
        match = match.Success ? match : Spelling().Match(written);
        if (isVariable && match.Success)
        {
            section.Mistaken(key, "takes the name of a variable, not its value", $"write {key.Name} = \"{match.Groups["name"].Value}\"");
        }
        else if (SecretShapes.LooksSecret(value) || (isVariable && SecretShapes.HasRandomRun(value, LeastRandom) && environment(value) is null))
        {
            section.Mistaken(key, "looks like the key itself", $"it takes the name of a {(isVariable ? "variable" : "file")}; {Otherwise(key)}");
        }
        else if (isVariable && !string.IsNullOrWhiteSpace(value) && !VariableName().IsMatch(value.Trim()) && environment(value.Trim()) is null)
        {
            var hint = $"names are letters, digits and underscores; {Otherwise(key)}";
            if (isNeeded)
            {
                section.Mistaken(key, "is no name of a variable", hint);
            }
            else
            {
                section.Doubted(key, "is no name of a variable, and none is set that is called so", hint);
            }
        }
    }

    private static string Otherwise(ConfigKey key) => $"the key itself is written as {key.Name[..key.Name.LastIndexOf('_')]}";

    /// <summary>Warns of a header whose value, as it is written in the file, is a key, or the name of a variable in a spelling that is not read here.</summary>
    public static void WarnOfHeader(SectionReader section, string header, TomlPosition position, string path, string value)
    {
        var (scheme, text) = value.Split(' ', 2, StringSplitOptions.TrimEntries) is [var first, var rest] ? (first + " ", rest) : ("", value);
        var match = Variable().Match(text);
        match = match.Success ? match : Spelling().Match(text);
        if (match.Success)
        {
            section.Problems.Warn(position, path, "is the name of a variable in a spelling that is not read here", $"write \"{scheme}${{{match.Groups["name"].Value}}}\"");
        }
        else if (SecretShapes.LooksSecret(text) || (HeaderNames.CarriesKey(header) && text.Length > 0))
        {
            section.Problems.Warn(position, path, "holds a key that everybody can read who reads the file", "write \"${NAME}\" in its place, and set the environment variable NAME");
        }
    }

    /// <summary>Warns of a variable whose value no header can hold.</summary>
    public static void CheckVariable(SectionReader section, ConfigKey key, string? value)
    {
        if (value is not null && Oddity(value) is { } oddity)
        {
            section.Warn(key, $"names a variable whose value {oddity}", "set the variable anew");
        }
    }

    /// <summary>Why no client could ever show a token, whitespace around it apart; null = one can. Header values are ASCII to most clients and to this server.</summary>
    public static string? Unsendable(string token) =>
        Oddity(token) ?? (token.AsSpan().Trim().IndexOfAnyExceptInRange(' ', '~') < 0 ? null : "holds a character outside ASCII, which no client can send");

    /// <summary>What nobody sees in a key and no header can hold, whitespace around the key apart; null = nothing.</summary>
    public static string? Oddity(string text)
    {
        foreach (var c in text.AsSpan().Trim())
        {
            if (c is '\r' or '\n')
            {
                return "holds a line break";
            }

            if (c is not ' ' && (char.IsControl(c) || char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format))
            {
                return string.Create(CultureInfo.InvariantCulture, $"holds an invisible character, U+{(int)c:X4}");
            }
        }

        return null;
    }

    [GeneratedRegex(@"^\s*\$(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-.*)?\})\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Variable();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^\s*(?:\{\s*env:|\{\{\s*env\.|env[.:/]|(?:os\.)?environ[./]|process\.env\.)\s*(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*\}{0,2}\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Spelling();
}

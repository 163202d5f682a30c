using System.Globalization;

namespace Synthwave.Configuration;

/// <summary>An error keeps the configuration from being used; a warning does so only under <c>--strict</c>.</summary>
internal enum ProblemSeverity { Error, Warning }

/// <summary>Something wrong or doubtful in the configuration. Never contains a secret; a URL only as what should be written, secrets hidden.</summary>
/// <param name="File">The file, or null where the problem is in none.</param>
/// <param name="Line">1-based; 0 when the problem has no place in the file.</param>
/// <param name="Column">1-based, in code points.</param>
/// <param name="Key">Dotted key as it would be written in the file; empty when the problem has none.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do about it.</param>
/// <param name="Severity">Whether the configuration can be used all the same.</param>
internal sealed record ConfigProblem(
    string? File,
    int Line,
    int Column,
    string Key,
    string Message,
    string? Hint,
    ProblemSeverity Severity = ProblemSeverity.Error)
{
    /// <summary><c>file:line:col key: problem (hint)</c> on one line, without the parts that are not known.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}") : File ?? "";
        var subject = string.Join(' ', new[] { place, Key }.Where(part => part.Length > 0));
        var warning = Severity == ProblemSeverity.Warning ? "warning: " : "";
        return OneLine($"{subject}: {warning}{Message}{(Hint is null ? "" : $" ({Hint})")}");
    }

    /// <summary>Names come from the file and may hold anything; a terminal or a log must not be steered by them.</summary>
    private static string OneLine(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c.ToString()))
            : text;
}

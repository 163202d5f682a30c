namespace Synthwave.IntegrationTests.Documents;

/// <summary>A block of code in a page.</summary>
/// <param name="Page">Where it stands.</param>
/// <param name="Line">Of its fence, from 1.</param>
/// <param name="Language">Behind the fence; empty = none.</param>
/// <param name="Code">With its last line break.</param>
internal sealed record CodeBlock(string Page, int Line, string Language, string Code)
{
    /// <summary>The commands of a shell block: lines that end in a backslash joined, comments and empty lines left out.</summary>
    public IEnumerable<string> Commands =>
        Code.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Select(static l => (l.IndexOf(" # ", StringComparison.Ordinal) is var at and >= 0 ? l[..at] : l).Trim())
            .Where(static l => l.Length > 0 && !l.StartsWith('#'));

    public override string ToString() => FormattableString.Invariant($"{Page}:{Line} {Language}");
}

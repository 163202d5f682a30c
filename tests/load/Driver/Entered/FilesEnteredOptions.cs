namespace Synthwave.Load.Driver.Entered;

/// <summary>Which build is looked at, and how much is said of it.</summary>
internal sealed record FilesEnteredOptions(string Directory, bool List)
{
    public const string Usage = """
        usage: tests/load/files-entered [DIR] [--list]

        How many source files the first plain streamed request enters, and a moa request after it. DIR is a published gateway with its
        symbols (tests/load/publish); without one the working tree is built.

          --list    also names them, in folder order
        """;

    /// <summary>The options, or the problem with them; both null when help was asked for.</summary>
    public static (FilesEnteredOptions? Options, string? Problem) Parse(IReadOnlyList<string> args)
    {
        if (args.Contains("--help") || args.Contains("-h"))
        {
            return (null, null);
        }

        string[] rest = [.. args.Where(arg => arg != "--list")];
        return rest is [var directory] && !directory.StartsWith('-')
            ? (new FilesEnteredOptions(Path.GetFullPath(directory), rest.Length < args.Count), null)
            : (null, $"one directory, not: {string.Join(' ', rest)}");
    }
}

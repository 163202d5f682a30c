namespace Synthwave.Configuration.Toml;

/// <summary>A place in a document: 1-based line, and 1-based column counted in Unicode code points.</summary>
internal readonly record struct TomlPosition(int Line, int Column)
{
    /// <summary>The place of a character of a text.</summary>
    public static TomlPosition Of(ReadOnlySpan<char> text, int index)
    {
        var before = text[..index];
        var line = before.Count('\n') + 1;
        var column = 1;
        foreach (var rune in before[(before.LastIndexOf('\n') + 1)..].EnumerateRunes())
        {
            column++;
        }

        return new TomlPosition(line, column);
    }

    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>Why a document is not TOML, and where.</summary>
internal sealed record TomlError(TomlPosition Position, string Message)
{
    public override string ToString() => $"{Position} {Message}";
}

namespace Synthwave.Configuration.Toml;

/// <summary>A place in a document: 1-based line, and 1-based column counted in Unicode code points.</summary>
internal readonly record struct TomlPosition(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>Why a document is not TOML, and where.</summary>
internal sealed record TomlError(TomlPosition Position, string Message)
{
    public override string ToString() => $"{Position} {Message}";
}

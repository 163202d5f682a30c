namespace Synthwave.Load.Driver.Memory;

/// <summary>Which build is looked at.</summary>
internal sealed record MemoryOptions(string Directory)
{
    public const string Usage = """
        usage: tests/load/memory [DIR]

        What 16 bodies of 60 MB at once, and a stream of 300 MB through /v1/responses, cost the gateway in memory, and what is left of it after a
        quiet minute each. DIR is a published gateway (tests/load/publish); without one the working tree is built. About three minutes.
        """;

    /// <summary>The options, or the problem with them; both null when help was asked for.</summary>
    public static (MemoryOptions? Options, string? Problem) Parse(IReadOnlyList<string> args) =>
        args.Contains("--help") || args.Contains("-h") ? (null, null)
        : args is [var directory] && !directory.StartsWith('-') ? (new MemoryOptions(Path.GetFullPath(directory)), null)
        : (null, $"one directory, not: {string.Join(' ', args)}");
}

using System.Globalization;

namespace Synthwave.Configuration;

/// <summary>What decides a value of the configuration.</summary>
internal enum OriginKind
{
    Default,
    File,
    Environment,
    CommandLine,

    /// <summary>What is known of a provider.</summary>
    Preset,

    /// <summary>What is known of a model at a provider.</summary>
    CuratedList,
}

/// <summary>Where a value of the configuration comes from. Holds names and places, never a value.</summary>
/// <param name="Kind">What decided.</param>
/// <param name="Name">The file, the environment variable, the flag, the provider, or the month of the list; null for a default.</param>
/// <param name="Line">In the file, 1-based; 0 = no file decided.</param>
/// <param name="Column">In the file, 1-based, of the value; 0 = no file decided.</param>
internal readonly record struct ConfigOrigin(OriginKind Kind, string? Name = null, int Line = 0, int Column = 0)
{
    /// <summary>The environment variables whose content stands in what the file says, by name; null = none.</summary>
    public IReadOnlyList<string>? Variables { get; init; }

    /// <summary>What decided, in one word for other programs.</summary>
    public string Word => Kind switch
    {
        OriginKind.File => "file",
        OriginKind.Environment => "environment",
        OriginKind.CommandLine => "command_line",
        OriginKind.Preset => "preset",
        OriginKind.CuratedList => "curated_list",
        _ => "default",
    };

    /// <summary>
    /// A few words on one line: <c>default</c>, <c>meta-model.toml:3</c>, <c>environment NAME</c>, <c>command line --port</c>, <c>preset synthetic</c>,
    /// <c>curated list 2026-11</c>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        OriginKind.File when Variables is { Count: > 0 } variables => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Line}, environment {string.Join(", ", variables)}"),
        OriginKind.File => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Line}"),
        OriginKind.Environment => $"environment {Name}",
        OriginKind.CommandLine => $"command line {Name}",
        OriginKind.Preset => $"preset {Name}",
        OriginKind.CuratedList => $"curated list {Name}",
        _ => "default",
    };
}

namespace Synthwave.Configuration;

/// <summary>Where the configuration comes from, or why there is none. Exactly one of the two is set.</summary>
internal sealed record ConfigLocation(string? Path, ConfigProblem? Problem);

/// <summary>Finds the file: <c>--config</c> beats <c>META_MODEL_CONFIG</c> beats <c>meta-model.toml</c> in the working directory.</summary>
internal static class ConfigLocator
{
    public const string PathVariable = "META_MODEL_CONFIG";

    public const string DefaultFile = "meta-model.toml";

    internal const string StartHint = "'synthwave init' writes a first one, 'synthwave demo' runs without any";

    /// <param name="option">Value of <c>--config</c>; null = not given.</param>
    /// <param name="environment">Reads an environment variable; null and empty = not set.</param>
    /// <param name="workingDirectory">Where the default file is looked for.</param>
    public static ConfigLocation Locate(string? option, Func<string, string?> environment, string workingDirectory)
    {
        if (option is not null)
        {
            return Explicit(option, "--config");
        }

        if (environment(PathVariable) is { Length: > 0 } named)
        {
            return Explicit(named, PathVariable);
        }

        var path = Path.Combine(workingDirectory, DefaultFile);
        return Exists(path)
            ? new ConfigLocation(path, null)
            : Missing(path, "", "there is no configuration: neither --config nor META_MODEL_CONFIG is given, and the file does not exist here");
    }

    private static ConfigLocation Explicit(string path, string source) =>
        Exists(path) ? new ConfigLocation(path, null) : Missing(path, source, "the file does not exist");

    // A directory counts as found: the loader says what is wrong with it.
    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    private static ConfigLocation Missing(string path, string source, string message) =>
        new(null, new ConfigProblem(path, 0, 0, source, message, StartHint));
}

using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.Commands;

/// <summary><c>synthwave check</c>: loads the configuration and says everything that is wrong with it, without starting anything.</summary>
internal static class CheckCommand
{
    public const int Valid = 0;

    /// <summary>EX_CONFIG of sysexits.</summary>
    public const int Invalid = 78;

    /// <param name="configPath">Value of <c>--config</c>; null = found by <see cref="ConfigLocator"/>.</param>
    /// <param name="effective">Print the effective configuration, and nothing else, on <paramref name="output"/>.</param>
    /// <param name="strict">Warnings count as errors.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error: one line a problem.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    /// <returns>The exit code, 0 or 78.</returns>
    public static async Task<int> RunAsync(
        string? configPath,
        bool effective,
        bool strict,
        TextWriter output,
        TextWriter error,
        Func<string, string?> environment)
    {
        var location = ConfigLocator.Locate(configPath, environment, workingDirectory: ".");
        if (location.Path is not { } path)
        {
            await error.WriteLineAsync(location.Problem?.ToString());
            return Invalid;
        }

        var result = ConfigLoader.Load(path, environment);
        foreach (var problem in result.Errors.Concat(result.Warnings))
        {
            await error.WriteLineAsync(problem.ToString());
        }

        if (result.Config is not { } config || (strict && !result.Warnings.IsEmpty))
        {
            await error.WriteLineAsync($"{path}: {Count(result.Errors.Length, "error")}, {Count(result.Warnings.Length, "warning")}");
            return Invalid;
        }

        await output.WriteAsync(effective ? EffectiveConfigWriter.Write(config) : Summary(path, config, result));
        return Valid;
    }

    private static string Summary(string path, GatewayConfig config, ConfigResult result) =>
        $"{path}: valid, {Count(config.Upstreams.Length, "upstream")}, {Count(config.Profiles.Length, "profile")}, {Count(result.Warnings.Length, "warning")}\n";

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}

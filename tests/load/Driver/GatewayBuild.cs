namespace Synthwave.Load.Driver;

/// <summary>How to start the gateway that is measured, and the relay under the same runtime settings.</summary>
internal sealed record GatewayBuild(IReadOnlyList<string> Gateway, IReadOnlyList<string> Relay)
{
    /// <summary>Finds the builds: published, or in the build output this driver itself lies in.</summary>
    public static GatewayBuild Locate(string? publishDirectory)
    {
        var output = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var relay = Required(Path.Combine(output, "Relay", configuration, "relay.dll"));
        var home = publishDirectory is null ? Path.Combine(output, "Synthwave", configuration) : Path.GetFullPath(publishDirectory);
        var settings = Path.Combine(home, "synthwave.runtimeconfig.json");

        // A self-contained publish starts by itself, and its settings file cannot start anything else.
        if (!File.Exists(settings) || File.ReadAllText(settings).Contains("\"includedFrameworks\"", StringComparison.Ordinal))
        {
            return new GatewayBuild([Required(Path.Combine(home, "synthwave"))], ["dotnet", relay]);
        }

        // One settings file for both: same collector, same tiering, so that the ratio compares code and not configuration.
        return new GatewayBuild(["dotnet", Required(Path.Combine(home, "synthwave.dll"))], ["dotnet", "exec", "--runtimeconfig", settings, relay]);
    }

    private static string Required(string file) =>
        File.Exists(file) ? file : throw new MeasurementException($"{Path.GetFileName(file)} is not built; tests/load/run builds it");
}

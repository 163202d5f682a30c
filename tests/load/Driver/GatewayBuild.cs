namespace Synthwave.Load.Driver;

/// <summary>How to start the gateway that is measured, and the relay and YARP under the same runtime settings.</summary>
internal sealed record GatewayBuild(IReadOnlyList<string> Gateway, IReadOnlyList<string> Relay, IReadOnlyList<string> Yarp)
{
    /// <summary>Finds the builds: published, or in the build output this driver itself lies in.</summary>
    public static GatewayBuild Locate(string? publishDirectory)
    {
        var output = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var relay = Required(Path.Combine(output, "Relay", configuration, "relay.dll"));
        var yarp = Required(Path.Combine(output, "Yarp", configuration, "yarp-relay.dll"));
        var home = publishDirectory is null ? Path.Combine(output, "Synthwave", configuration) : Path.GetFullPath(publishDirectory);
        if (SharedSettings(home) is not { } settings)
        {
            return new GatewayBuild([Required(Path.Combine(home, "synthwave"))], ["dotnet", relay], ["dotnet", yarp]);
        }

        // One settings file for all: same collector, same tiering, so that the ratio compares code and not configuration.
        string[] under = ["dotnet", "exec", "--runtimeconfig", settings];
        return new GatewayBuild(["dotnet", Required(Path.Combine(home, "synthwave.dll"))], [.. under, relay], [.. under, yarp]);
    }

    /// <summary>The runtime settings of a gateway that needs an installed runtime. A self-contained or native one starts by itself, and has none that could start anything else.</summary>
    public static string? SharedSettings(string home)
    {
        var settings = Path.Combine(home, "synthwave.runtimeconfig.json");
        return File.Exists(settings) && !File.ReadAllText(settings).Contains("\"includedFrameworks\"", StringComparison.Ordinal) ? settings : null;
    }

    private static string Required(string file) =>
        File.Exists(file) ? file : throw new MeasurementException($"{file} is not there; tests/load/publish and tests/load/run build what is measured");
}

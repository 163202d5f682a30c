using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>What must be there before anything is started.</summary>
internal static class Prerequisites
{
    /// <summary>1,000 streams are 1,000 sockets here and 2,000 in the gateway, with room for the rest.</summary>
    private const int OpenFilesNeeded = 4096;

    public static void Check()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new MeasurementException("processor time and memory are read from /proc: Linux only");
        }

        foreach (var tool in (string[])["nginx", "wrk"])
        {
            if (!IsOnPath(tool))
            {
                throw new MeasurementException($"{tool} is not installed; tests/load/run installs it");
            }
        }

        var line = File.ReadLines("/proc/self/limits").First(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        if (long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files < OpenFilesNeeded)
        {
            throw new MeasurementException($"a process may open {files} files, {OpenFilesNeeded} are needed: raise the hard limit (ulimit -Hn)");
        }
    }

    private static bool IsOnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(directory => File.Exists(Path.Combine(directory, tool)));
}

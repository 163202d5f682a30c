using System.Globalization;
using System.Runtime.InteropServices;

namespace Synthwave.Load.Driver;

/// <summary>What a reader must know to judge the numbers. Names no host and no path.</summary>
internal static class MachineFacts
{
    public static IEnumerable<(string Name, string Value)> Collect(RunOptions options, string loadAtStart)
    {
        yield return ("taken", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        if (options.Revision is { Length: > 0 } revision)
        {
            yield return ("revision", revision);
        }

        yield return ("machine", $"{Environment.ProcessorCount} cores, {Processor()}, {Memory()} GB, shared by client, upstream, relay, YARP and gateway");
        yield return ("load average at start", loadAtStart + (options.First ? ", this run before everybody else on the cores" : string.Empty));
        yield return ("kernel", $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, {RuntimeInformation.OSArchitecture}");
        yield return ("runtime", RuntimeInformation.FrameworkDescription);
        yield return ("gateway build", options.PublishDirectory is null ? "Release" : "published");
        yield return ("rounds", string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Rounds} of {options.Duration.TotalSeconds:0} s{(options.Quick ? " (quick: not a result to quote)" : string.Empty)}"));
    }

    /// <summary>Of the last minute: anything much above zero before the run means that somebody else was measured too.</summary>
    public static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static string Processor()
    {
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unnamed processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Memory() =>
        (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30)).ToString("0", CultureInfo.InvariantCulture);
}

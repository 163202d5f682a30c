using System.Diagnostics;
using System.Globalization;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>What the operating system tells of this process, read at every scrape. Where it keeps no <c>/proc</c>, some figures are missing.</summary>
internal static class ProcessFigures
{
    private const string OwnFolder = "/proc/self";

    public static MetricFamily[] Families()
    {
        using var process = Process.GetCurrentProcess();
        var startedAt = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1e3;
        return
        [
            ObservedFamily.Single(ProcessMetrics.Cpu, static () => Environment.CpuUsage.TotalTime.TotalSeconds),
            ObservedFamily.Single(ProcessMetrics.Resident, static () => Environment.WorkingSet),
            ObservedFamily.Single(ProcessMetrics.Virtual, static () => Of(static p => p.VirtualMemorySize64)),
            ObservedFamily.Single(ProcessMetrics.OpenFds, static () => OpenDescriptors()),
            ObservedFamily.Single(ProcessMetrics.MaxFds, static () => MostDescriptors()),
            ObservedFamily.Single(ProcessMetrics.Start, () => startedAt),
            ObservedFamily.Single(ProcessMetrics.Threads, static () => Of(static p => p.Threads.Count)),
        ];
    }

    private static double Of(Func<Process, double> figure)
    {
        using var process = Process.GetCurrentProcess();
        return figure(process);
    }

    private static double? OpenDescriptors()
    {
        var folder = new DirectoryInfo(Path.Combine(OwnFolder, "fd"));

        // The listing itself holds one.
        return folder.Exists ? folder.EnumerateFileSystemInfos().Count() - 1 : null;
    }

    // "Max open files            1024                 524288               files": the first number is the limit in force.
    private static double? MostDescriptors()
    {
        const string Row = "Max open files";
        var file = Path.Combine(OwnFolder, "limits");
        if (!File.Exists(file))
        {
            return null;
        }

        var row = File.ReadLines(file).FirstOrDefault(static l => l.StartsWith(Row, StringComparison.Ordinal));
        var word = row?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return word == "unlimited" ? double.PositiveInfinity
            : double.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
            : null;
    }
}

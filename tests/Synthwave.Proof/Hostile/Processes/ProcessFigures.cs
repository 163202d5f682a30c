using System.Globalization;

namespace Synthwave.Proof.Hostile.Processes;

/// <summary>What a process of this machine holds, as Linux tells it.</summary>
/// <param name="MegaBytes">Resident.</param>
/// <param name="PeakMegaBytes">The most that was ever resident.</param>
/// <param name="Threads">Running or waiting.</param>
/// <param name="Handles">Open files of any kind.</param>
/// <param name="Sockets">Those of them that are sockets.</param>
internal sealed record ProcessFigures(double MegaBytes, double PeakMegaBytes, int Threads, int Handles, int Sockets)
{
    public static ProcessFigures OfThis() => Of(Environment.ProcessId);

    /// <summary>Of a living process.</summary>
    public static ProcessFigures Of(int process)
    {
        var status = File.ReadLines(FormattableString.Invariant($"/proc/{process}/status")).Select(static l => l.Split(':', 2)).Where(static p => p.Length == 2).ToDictionary(static p => p[0], static p => p[1].Trim(), StringComparer.Ordinal);
        var targets = Directory.GetFiles(FormattableString.Invariant($"/proc/{process}/fd")).Select(TargetOf).ToList();
        return new(MegaBytesOf(status["VmRSS"]), MegaBytesOf(status["VmHWM"]), int.Parse(status["Threads"], CultureInfo.InvariantCulture), targets.Count, targets.Count(static t => t.StartsWith("socket:", StringComparison.Ordinal)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MegaBytes,7:0} MB (most {PeakMegaBytes:0}), {Threads} threads, {Handles} handles, {Sockets} sockets");

    private static double MegaBytesOf(string kibibytes) => double.Parse(kibibytes.Split(' ')[0], CultureInfo.InvariantCulture) / 1024;

    private static string TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (IOException)
        {
            // Closed since it was listed.
            return "";
        }
    }
}

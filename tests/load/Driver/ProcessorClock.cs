using System.Globalization;
using System.Runtime.InteropServices;

namespace Synthwave.Load.Driver;

/// <summary>The processor time of any process, user and system, in nanoseconds: the usual figures count in ticks of 10 ms, a hundredth of a short run.</summary>
internal static class ProcessorClock
{
    // The kernel keeps fifteen characters of a thread's name.
    private const string CompilerThread = ".NET Tiered Com";

    public static TimeSpan Read(int processId)
    {
        if (clock_getcpuclockid(processId, out var clock) != 0 || clock_gettime(clock, out var time) != 0)
        {
            throw new MeasurementException($"the processor time of process {processId} cannot be read");
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    /// <summary>That of the thread of a .NET process that compiles used code anew; zero when there is none at the moment.</summary>
    public static TimeSpan ReadCompiler(int processId)
    {
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() == CompilerThread)
                {
                    // Nanoseconds on a processor, nanoseconds waiting for one, turns.
                    var times = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ');
                    return TimeSpan.FromMicroseconds(long.Parse(times[0], CultureInfo.InvariantCulture) / 1000.0);
                }
            }
            catch (IOException)
            {
                // A thread that has ended since the directory was read is not the one to look for.
            }
        }

        return TimeSpan.Zero;
    }

    [DllImport("libc")]
    private static extern int clock_getcpuclockid(int processId, out int clock);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}

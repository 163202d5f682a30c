using System.Runtime.InteropServices;

namespace Synthwave.Load.Driver;

/// <summary>The processor time of any process, user and system, in nanoseconds: <c>/proc</c> counts in ticks of 10 ms, a hundredth of a short run.</summary>
internal static class ProcessorClock
{
    public static TimeSpan Read(int processId)
    {
        if (clock_getcpuclockid(processId, out var clock) != 0 || clock_gettime(clock, out var time) != 0)
        {
            throw new MeasurementException($"the processor time of process {processId} cannot be read");
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [DllImport("libc")]
    private static extern int clock_getcpuclockid(int processId, out int clock);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}

namespace Synthwave.Load.Driver;

/// <summary>What the kernel says about a process. Memory in bytes.</summary>
/// <param name="Cpu">Processor time, user and system, since the start.</param>
/// <param name="Compiler">The part of it that the thread took which compiles used code anew, better; that thread ends and comes back, and then counts from zero.</param>
/// <param name="Rss">Resident now.</param>
/// <param name="PeakRss">Resident at its highest.</param>
internal readonly record struct ProcessReading(TimeSpan Cpu, TimeSpan Compiler, long Rss, long PeakRss)
{
    /// <summary>The compiling thread's part of the processor time between this reading and a later one, from 0 to 1.</summary>
    public double CompilerShareUntil(ProcessReading later)
    {
        var compiled = later.Compiler >= Compiler ? later.Compiler - Compiler : later.Compiler;
        return compiled / (later.Cpu - Cpu);
    }
}

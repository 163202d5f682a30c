namespace Synthwave.Load.Driver;

/// <summary>What the kernel says about a process. Memory in bytes.</summary>
internal readonly record struct ProcessReading(TimeSpan Cpu, long Rss, long PeakRss);

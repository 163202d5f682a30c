namespace Synthwave.Load.Driver;

/// <summary>One wrk run against one contender.</summary>
/// <param name="Client">What wrk saw.</param>
/// <param name="CpuMicros">Processor time of the contender per request, microseconds; not a number where no process is read.</param>
/// <param name="CompilerShare">The part of that time that went into compiling used code anew, from 0 to 1; zero where no process is read.</param>
/// <param name="Rss">Resident bytes right after the run.</param>
/// <param name="UpstreamCalls">Per answer; not a number where the upstream does not count.</param>
internal sealed record Trial(WrkResult Client, double CpuMicros, double CompilerShare, double Rss, double UpstreamCalls);

using Synthwave.Proof.Hostile.Sweeps;

namespace Synthwave.Proof.Hostile;

/// <summary>Lets the inputs of a sweep loose and counts how they end.</summary>
internal static class HostileRun
{
    public static async Task<Tally> RunAsync(ISweep sweep, HostileTarget target, IEnumerable<long> numbers)
    {
        var tally = new Tally(sweep.Name);
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = sweep.Concurrency }, async (number, _) => await OneAsync(sweep, target, number, tally));
        return tally;
    }

    /// <summary>One input, to its end or to the end of patience.</summary>
    public static async Task OneAsync(ISweep sweep, HostileTarget target, long number, Tally tally)
    {
        using var patience = new CancellationTokenSource(sweep.Patience);
        var startedAt = TimeProvider.System.GetTimestamp();
        Ending ending;
        try
        {
            ending = await sweep.RunAsync(target, number, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            ending = new("HANGS", FormattableString.Invariant($"no end within {sweep.Patience.TotalSeconds} s"), default) { Made = "see the number" };
        }
        catch (System.Net.Sockets.SocketException e)
        {
            ending = new("BAD", $"no connection\n{e.Message}", default) { Made = "see the number" };
        }

        tally.Add(number, ending, TimeProvider.System.GetElapsedTime(startedAt));
    }
}

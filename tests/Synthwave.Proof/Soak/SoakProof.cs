using Synthwave.Proof.Hostile;
using Synthwave.Proof.Hostile.Processes;

namespace Synthwave.Proof.Soak;

/// <summary>
/// Hours of everything at once against a process of its own. Three times it rests, and holds what it held at the beginning.
/// <code>
/// load until its code is compiled ──► rest: the beginning ──► a third of the time ──► rest ──► a third ──► rest ──► a third ──► rest: the end
/// </code>
/// What grows with use goes on growing from rest to rest; what is made once does not. Only figures at rest are compared: under load the collector decides.
/// </summary>
internal static class SoakProof
{
    private const int Thirds = 3;
    private const double MemoryNoise = 60;
    private const int ThreadNoise = 10;
    private const int HandleNoise = 12;

    // Methods are compiled for good after they have been used often and for a while, rare ones late.
    private const double WarmUpShare = 0.1;

    private static readonly TimeSpan ShortestWarmUp = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromMinutes(5);

    // Pools let go of idle connections after a minute and a half.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(110);

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(180);

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        await using var upstream = new HostileUpstream(options.Seed);
        var toml = HostileTarget.Toml(upstream.BaseUrl, "drain_secs = 0\nshutdown_grace_secs = 3\nresponse_store_mb = 4\n");
        await using var gateway = await ChildGateway.StartAsync(toml, CancellationToken.None);
        var load = new SoakLoad(options.Seed, gateway, upstream, toml);
        var time = options.TimeOr(minutes: 60);
        Tell(output, "started", gateway);
        await load.RunAsync(TimeSpan.FromTicks(Math.Clamp((long)(time.Ticks * WarmUpShare), ShortestWarmUp.Ticks, LongestWarmUp.Ticks)), output);
        await Task.Delay(Rest);
        var before = Tell(output, "before", gateway);
        var rests = new List<ProcessFigures>();
        while (rests.Count < Thirds)
        {
            await load.RunAsync(time / Thirds, output);
            await RestAsync(gateway, before, isLast: rests.Count == Thirds - 1);
            rests.Add(Tell(output, FormattableString.Invariant($"at rest, third {rests.Count + 1}"), gateway));
        }

        foreach (var tally in load.Tallies)
        {
            output.WriteLine(FormattableString.Invariant($"\n{tally.Sweep,-8} {tally.Count,8} inputs, the longest {tally.Longest.TotalSeconds:0.0} s, {tally.Problems} bad: {string.Join(", ", tally.Outcomes.OrderByDescending(static o => o.Value).Select(static o => FormattableString.Invariant($"{o.Key} {o.Value}")))}"));
            foreach (var line in tally.Report())
            {
                output.WriteLine($"\n{line}\n");
            }
        }

        var failures = gateway.Failures;
        foreach (var failure in failures.Take(5))
        {
            output.WriteLine($"\nlogged: {failure}");
        }

        await gateway.TerminateAsync();
        var ended = await gateway.WhenExitedAsync(TimeSpan.FromSeconds(10));
        var after = rests[^1];
        return
        [
            new(load.Tallies.All(static t => t.Problems == 0), FormattableString.Invariant($"{load.Tallies.Sum(static t => t.Problems)} of {load.Tallies.Sum(static t => t.Count)} inputs ended as none may")),
            new(failures.Count == 0, FormattableString.Invariant($"{failures.Count} exceptions were logged, none may")),
            new(after.MegaBytes - before.MegaBytes <= MemoryNoise, FormattableString.Invariant($"{after.MegaBytes - before.MegaBytes:0} MB more than at the beginning, at most {MemoryNoise:0}")),
            new(after.MegaBytes - rests[0].MegaBytes <= MemoryNoise / 2, FormattableString.Invariant($"{after.MegaBytes - rests[0].MegaBytes:0} MB more after the last third than after the first, at most {MemoryNoise / 2:0}")),
            new(after.Threads - before.Threads <= ThreadNoise, FormattableString.Invariant($"{after.Threads - before.Threads} threads more than at the beginning, at most {ThreadNoise}")),
            new(after.Handles - before.Handles <= HandleNoise, FormattableString.Invariant($"{after.Handles - before.Handles} handles more than at the beginning, at most {HandleNoise}")),
            new(after.Sockets - before.Sockets <= HandleNoise, FormattableString.Invariant($"{after.Sockets - before.Sockets} sockets more than at the beginning, at most {HandleNoise}")),
            new(ended is not null && gateway.ExitCode == 0, "after all of it SIGTERM ends it with exit code 0"),
        ];
    }

    private static ProcessFigures Tell(TextWriter output, string when, ChildGateway gateway)
    {
        var figures = ProcessFigures.Of(gateway.Id);
        output.WriteLine($"{when,-19} {figures}: {MemoryMap.Of(gateway.Id)}");
        return figures;
    }

    // At the end until it holds no more than at the beginning, or had time enough for it.
    private static async Task RestAsync(ChildGateway gateway, ProcessFigures before, bool isLast)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        await Task.Delay(Rest);
        while (isLast && TimeProvider.System.GetElapsedTime(startedAt) < LongestRest && ProcessFigures.Of(gateway.Id) is var now
            && (now.MegaBytes - before.MegaBytes > MemoryNoise || now.Threads - before.Threads > ThreadNoise || now.Handles - before.Handles > HandleNoise))
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
        }
    }
}

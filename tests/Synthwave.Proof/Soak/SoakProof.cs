using System.Collections.Immutable;
using Synthwave.Proof.Hostile;
using Synthwave.Proof.Hostile.Processes;
using Synthwave.Proof.Hostile.Sweeps;

namespace Synthwave.Proof.Soak;

/// <summary>
/// Hours of everything at once against a process of its own: orderly requests, hostile bodies and heads, upstreams that fail, clients that leave or hardly read, and a configuration that is
/// rewritten, whole and broken. Then it rests, and holds what it held at the beginning.
/// </summary>
internal static class SoakProof
{
    private const int Workers = 24;
    private const double MemoryNoise = 60;
    private const int ThreadNoise = 10;
    private const int HandleNoise = 12;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    // Pools let go of idle connections after a minute and a half.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(110);

    private static readonly TimeSpan BetweenReloads = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        await using var upstream = new HostileUpstream(options.Seed);
        var toml = HostileTarget.Toml(upstream.BaseUrl, "drain_secs = 0\nshutdown_grace_secs = 3\nresponse_store_mb = 4\n");
        await using var gateway = await ChildGateway.StartAsync(toml, CancellationToken.None);
        var target = new HostileTarget(gateway.Address, options.Seed) { HasFailingUpstreams = true };
        var numbers = new Numbers();
        await LoadAsync(options, gateway, target, upstream, toml, numbers, WarmUp, output: null);
        await Task.Delay(Rest);
        var before = ProcessFigures.Of(gateway.Id);
        output.WriteLine($"before            {before}");

        var tallies = await LoadAsync(options, gateway, target, upstream, toml, numbers, options.TimeOr(minutes: 60), output);
        var after = await AfterRestAsync(gateway, before);
        output.WriteLine($"after             {after}\n");
        foreach (var tally in tallies)
        {
            output.WriteLine(FormattableString.Invariant($"{tally.Sweep,-8} {tally.Count,8} inputs, the longest {tally.Longest.TotalSeconds:0.0} s, {tally.Problems} bad: {string.Join(", ", tally.Outcomes.OrderByDescending(static o => o.Value).Select(static o => FormattableString.Invariant($"{o.Key} {o.Value}")))}"));
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
        return
        [
            new(tallies.All(static t => t.Problems == 0), FormattableString.Invariant($"{tallies.Sum(static t => t.Problems)} of {tallies.Sum(static t => t.Count)} inputs ended as none may")),
            new(failures.Count == 0, FormattableString.Invariant($"{failures.Count} exceptions were logged, none may")),
            new(after.MegaBytes - before.MegaBytes <= MemoryNoise, FormattableString.Invariant($"{after.MegaBytes - before.MegaBytes:0} MB more than at the beginning, at most {MemoryNoise:0}")),
            new(after.Threads - before.Threads <= ThreadNoise, FormattableString.Invariant($"{after.Threads - before.Threads} threads more than at the beginning, at most {ThreadNoise}")),
            new(after.Handles - before.Handles <= HandleNoise, FormattableString.Invariant($"{after.Handles - before.Handles} handles more than at the beginning, at most {HandleNoise}")),
            new(after.Sockets - before.Sockets <= HandleNoise, FormattableString.Invariant($"{after.Sockets - before.Sockets} sockets more than at the beginning, at most {HandleNoise}")),
            new(ended is not null && gateway.ExitCode == 0, "after all of it SIGTERM ends it with exit code 0"),
        ];
    }

    private static async Task<IReadOnlyList<Tally>> LoadAsync(
        ProofOptions options, ChildGateway gateway, HostileTarget target, HostileUpstream upstream, string toml, Numbers numbers, TimeSpan time, TextWriter? output)
    {
        using var bodies = new BodySweep();
        ImmutableArray<(ISweep Sweep, Tally Tally, int Share)> sweeps =
        [
            .. new (ISweep Sweep, int Share)[] { (new OrderlySweep(), 45), (bodies, 20), (new HeadSweep(), 10), (new ReplySweep(upstream), 12), (new CutSweep(), 9), (new FloodSweep(), 4) }
                .Select(static s => (s.Sweep, new Tally(s.Sweep.Name), s.Share)),
        ];
        using var run = new CancellationTokenSource(time);
        var beside = Task.WhenAll(ReloadAsync(options, gateway, toml, run.Token), ReadAsync(gateway, output, run.Token));
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));
        await beside;
        return [.. sweeps.Select(static s => s.Tally)];

        async Task WorkAsync()
        {
            while (!run.IsCancellationRequested && !gateway.HasExited)
            {
                var number = numbers.Next();
                var at = Draws.Of(options.Seed, "soak", number).Next(sweeps.Sum(static s => s.Share));
                var (sweep, tally, _) = sweeps.First(s => (at -= s.Share) < 0);
                await HostileRun.OneAsync(sweep, target, number, tally);
            }
        }
    }

    // The file as it is with another comment, or cut somewhere; whole in the end.
    private static async Task ReloadAsync(ProofOptions options, ChildGateway gateway, string toml, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenReloads);
        for (var number = 0L; await TickAsync(timer, cancellationToken); number++)
        {
            var random = Draws.Of(options.Seed, "soak reload", number);
            await File.WriteAllTextAsync(gateway.ConfigPath, random.Once(3) ? toml[..random.Next(toml.Length)] : FormattableString.Invariant($"{toml}# {number}\n"), CancellationToken.None);
        }

        await File.WriteAllTextAsync(gateway.ConfigPath, toml, CancellationToken.None);
    }

    private static async Task ReadAsync(ChildGateway gateway, TextWriter? output, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenReadings);
        for (var minute = 1; output is not null && await TickAsync(timer, cancellationToken); minute++)
        {
            output.WriteLine(FormattableString.Invariant($"after {minute,4} minutes {ProcessFigures.Of(gateway.Id)}"));
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // As soon as it holds no more than at the beginning, or when there was time enough for it.
    private static async Task<ProcessFigures> AfterRestAsync(ChildGateway gateway, ProcessFigures before)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
            var now = ProcessFigures.Of(gateway.Id);
            var isBack = now.MegaBytes - before.MegaBytes <= MemoryNoise && now.Threads - before.Threads <= ThreadNoise && now.Handles - before.Handles <= HandleNoise;
            if (isBack || TimeProvider.System.GetElapsedTime(startedAt) > LongestRest)
            {
                return now;
            }
        }
    }

    /// <summary>Inputs are counted across all sweeps. Thread-safe.</summary>
    private sealed class Numbers
    {
        private long _last;

        public long Next() => Interlocked.Increment(ref _last);
    }
}

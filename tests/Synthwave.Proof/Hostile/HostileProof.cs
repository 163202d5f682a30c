using System.Collections.Immutable;
using System.Globalization;
using Serilog.Events;
using Synthwave.Proof.Hostile.Processes;
using Synthwave.Proof.Hostile.Sweeps;

namespace Synthwave.Proof.Hostile;

/// <summary>
/// What hostile clients, upstreams, files and moments can do: bodies, heads, replies, cuts, floods, reloads and stops, drawn by seed. No failure of the gateway's own, no hang, no answer
/// that is broken or somebody else's, no secret told, and nothing left behind.
/// </summary>
internal static class HostileProof
{
    /// <summary>The sweeps, and how many of 10,000 inputs are theirs.</summary>
    private static readonly ImmutableArray<(string Name, int Share)> Shares =
        [("bodies", 5_000), ("heads", 2_800), ("replies", 1_400), ("cuts", 500), ("floods", 197), ("reloads", 100), ("stops", 3)];

    // What pools keep when all is at rest: connections to upstreams, threads that have not gone home yet.
    private const int HandleNoise = 160;
    private const int ThreadNoise = 24;

    /// <param name="options">What is asked for.</param>
    /// <param name="output">Where the counts and problems are told.</param>
    /// <param name="isAlone">Whether nothing else happens in this process, so that its threads and handles are this run's.</param>
    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output, bool isAlone = true)
    {
        var count = options.CountOr(full: 100_000, quick: 3_000);
        await using var stage = await HostileStage.StartAsync(options.Seed);
        await using var reloads = await ReloadSweep.StartAsync(stage.Upstream);
        using var bodies = new BodySweep();
        ImmutableArray<ISweep> sweeps = [bodies, new HeadSweep(), new ReplySweep(stage.Upstream), new CutSweep(), new FloodSweep(), reloads, new StopSweep(stage.Upstream)];

        // Code that runs for the first time opens files and threads of its own.
        foreach (var sweep in sweeps.Where(s => s.Concurrency > 1 && (options.Sweep is null || s.Name == options.Sweep)))
        {
            await HostileRun.RunAsync(sweep, stage.Target, Numbers(options, 50).Select(static n => n + 900_000_000));
        }

        var before = await stage.RestAsync();
        var tallies = new List<Tally>();
        foreach (var (name, share) in Shares.Where(s => options.Sweep is null || s.Name == options.Sweep))
        {
            var sweep = sweeps.Single(s => s.Name == name);
            var startedAt = TimeProvider.System.GetTimestamp();
            var tally = await HostileRun.RunAsync(sweep, stage.Target, options.Input is { } one ? [one] : Numbers(options, options.Sweep is null ? Math.Max(1, count * share / 10_000) : count));
            tallies.Add(tally);
            Print(tally, TimeProvider.System.GetElapsedTime(startedAt), output);
        }

        var after = await stage.RestAsync();
        output.WriteLine($"\nbefore   {before}\nafter    {after}");
        var failures = stage.Gateway.Log.Errors.Concat(reloads.Log.Errors).Where(static e => e.Exception is not null || e.Level is LogEventLevel.Fatal).ToList();
        foreach (var failure in failures.GroupBy(static e => e.Exception?.ToString() ?? e.RenderMessage(CultureInfo.InvariantCulture)).OrderByDescending(static g => g.Count()))
        {
            output.WriteLine($"\n{failure.Count()} times logged: {failure.Key}");
        }

        foreach (var problem in stage.Upstream.Problems.Take(5))
        {
            output.WriteLine($"\nto an upstream: {problem}");
        }

        using var settling = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var reloading = tallies.Any(static t => t.Sweep is "reloads") ? await reloads.FinishAsync(settling.Token) : null;
        return [.. Bounds(tallies, failures.Count, stage, reloading), .. (isAlone ? Rests(before, after) : [])];
    }

    private static IEnumerable<long> Numbers(ProofOptions options, int count) => Enumerable.Range(0, options.Input is null ? count : 0).Select(static n => (long)n);

    private static void Print(Tally tally, TimeSpan took, TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant($"{tally.Sweep,-8} {tally.Count,7} inputs in {took.TotalSeconds,6:0.0} s, the longest {tally.Longest.TotalSeconds:0.0} s, {tally.Problems} bad"));
        output.WriteLine($"         {string.Join(", ", tally.Outcomes.OrderByDescending(static o => o.Value).Select(static o => FormattableString.Invariant($"{o.Key} {o.Value}")))}");
        foreach (var line in tally.Report())
        {
            output.WriteLine($"\n{line}\n");
        }
    }

    private static List<Bound> Bounds(List<Tally> tallies, int failures, HostileStage stage, string? reloading)
    {
        var bounds = tallies.ConvertAll(static t => new Bound(t.Problems == 0, FormattableString.Invariant($"{t.Sweep}: {t.Problems} of {t.Count} inputs ended as none may")));
        bounds.Add(new(failures == 0, FormattableString.Invariant($"{failures} exceptions were logged, none may")));
        bounds.Add(new(stage.Upstream.Problems.Count == 0, FormattableString.Invariant($"{stage.Upstream.Problems.Count} calls to upstreams were no JSON, none may")));
        bounds.Add(new(stage.InWork == 0, FormattableString.Invariant($"{stage.InWork} requests or calls left in work, none may")));
        if (tallies.Any(static t => t.Sweep is "reloads"))
        {
            bounds.Add(new(reloading is null, reloading ?? "after all of them a valid configuration is taken"));
        }

        return bounds;
    }

    private static Bound[] Rests(ProcessFigures before, ProcessFigures after) =>
    [
        new(after.Handles - before.Handles <= HandleNoise, FormattableString.Invariant($"{after.Handles - before.Handles} more handles at rest than before, at most {HandleNoise}")),
        new(after.Threads - before.Threads <= ThreadNoise, FormattableString.Invariant($"{after.Threads - before.Threads} more threads at rest than before, at most {ThreadNoise}")),
    ];
}

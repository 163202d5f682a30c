using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Simulation.Items;
using Synthwave.TestKit;

namespace Synthwave.Proof.Faults;

/// <summary>Streamed requests whose models fail at random, before and after the first byte: how each of them ends, and what is left behind.</summary>
internal static class FaultProof
{
    private const int Concurrency = 32;
    private const int ProblemsShown = 5;
    private const double FaultShare = 0.3;
    private const double MegaByte = 1024 * 1024;

    /// <summary>Growth of the heap over four fifths of the run that is noise: pools and connections.</summary>
    private const double HeapNoise = 8;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    private static readonly ImmutableArray<string> Models = ["a", "b", "c", "s", "t"];

    private static readonly ImmutableArray<string> Routes = ["a", "cascade", "moa"];

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        var count = options.CountOr(full: 100_000, quick: 2_000);
        var plan = new FaultPlan(options.Seed, FaultShare);
        await using var stage = await Stage.StartAsync(
            [.. Models.Select(plan.Model)],
            """
            [server]
            request_timeout_secs = 10
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b", "c"]
            [profiles.moa]
            type = "moa"
            generators = ["a", "b", "c"]
            synthesizer = "s"
            synthesizer_fallback = "t"
            max_grace_secs = 1
            """,
            "retries = 1\nfirst_byte_timeout_secs = 1\nidle_timeout_secs = 1\n");

        var ends = new ConcurrentDictionary<(string Route, StreamEndWay Way), int>();
        var codes = new ConcurrentDictionary<string, int>();
        var problems = new ConcurrentQueue<string>();
        using var run = new CancellationTokenSource();
        var closing = Circuits.KeepClosedAsync(stage.Gateway, run.Token);
        var warmUp = count / 5;
        await AskAllAsync(0, warmUp);
        var before = await HeapAsync(stage);
        await AskAllAsync(warmUp, count);
        var after = await HeapAsync(stage);
        await run.CancelAsync();
        await closing;

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} streamed requests, {stage.Models.RequestCount} upstream calls, {FaultShare:0 %} of them faulted\n"));
        output.WriteLine($"{"route",-10} {string.Join(' ', Enum.GetNames<StreamEndWay>().Select(n => $"{n,18}"))}");
        foreach (var route in Routes)
        {
            output.WriteLine($"{route,-10} {string.Join(' ', Enum.GetValues<StreamEndWay>().Select(w => $"{ends.GetValueOrDefault((route, w)),18}"))}");
        }

        output.WriteLine($"errors     {string.Join(", ", codes.OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}"))}");
        foreach (var problem in problems.Take(ProblemsShown))
        {
            output.WriteLine($"\n{problem}");
        }

        var left = stage.Models.InFlight + Circuits.Upstreams(stage.Gateway).Sum(u => u.State.InFlight);
        return
        [
            new(problems.IsEmpty, string.Create(CultureInfo.InvariantCulture, $"{problems.Count} of {count} streams are spliced or have no typed end, none may")),
            new(ends.Keys.Count(k => k.Way is not StreamEndWay.ErrorBeforeContent) >= 9, "every route ended in every way it can"),
            new(left == 0, string.Create(CultureInfo.InvariantCulture, $"{left} calls left in flight, none may")),
            new(after - before < HeapNoise, string.Create(CultureInfo.InvariantCulture, $"live heap {before:0.0} MB after a fifth, {after:0.0} MB at the end; at most {HeapNoise} MB more")),
        ];

        Task AskAllAsync(int from, int to) => Parallel.ForEachAsync(
            Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (number, _) => await AskAsync(number));

        async Task AskAsync(long number)
        {
            var route = Routes[ItemDraw.Index(options.Seed, number, 0, Routes.Length)];
            using var response = await stage.Gateway.Client.PostChatAsync($"{stage.Gateway.Address}v1", ChatCall.Body(route, FaultPlan.Prompt(number), stream: true));

            // Where nobody else could answer, a model that writes nothing is quoted.
            var texts = Models.Select(m => plan.Text(m, number)).Concat(route == "a" ? [""] : []);
            var end = await StreamEnd.ReadAsync(response, [.. texts]);
            ends.AddOrUpdate((route, end.Way), 1, static (_, n) => n + 1);
            if (end.Code is { } code)
            {
                codes.AddOrUpdate(code, 1, static (_, n) => n + 1);
            }

            if (end.Problem is { } problem)
            {
                problems.Enqueue($"request {number} to {route}: {problem}");
            }

            plan.Forget(number, Models);
        }
    }

    // Live megabytes once everything has come to rest.
    private static async Task<double> HeapAsync(Stage stage)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (stage.Models.InFlight + Circuits.Upstreams(stage.Gateway).Sum(u => u.State.InFlight) > 0 && TimeProvider.System.GetElapsedTime(startedAt) < Quiet)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true) / MegaByte;
    }
}

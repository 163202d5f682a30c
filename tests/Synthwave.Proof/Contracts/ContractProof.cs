using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.TestKit;

namespace Synthwave.Proof.Contracts;

/// <summary>Requests with random caps, against models that fail now and then: whether any cap is ever broken.</summary>
internal static class ContractProof
{
    private const int Concurrency = 24;
    private const int BreachesShown = 5;
    private const int WarmUp = 1_000;
    private const double FaultShare = 0.1;
    private const int ConfiguredMembers = 3;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private static readonly ImmutableArray<string> Models = ["a", "b", "c", "s"];

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        var count = options.CountOr(full: 100_000, quick: 2_000);
        var meter = new SpendMeter(options.Seed, FaultShare);
        await using var stage = await Stage.StartAsync(
            [.. Models.Select(meter.Model)],
            """
            [features]
            voting = true
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b", "c"]
            [profiles.moa]
            type = "moa"
            generators = ["a", "b", "c"]
            synthesizer = "s"
            synthesizer_fallback = "a"
            max_grace_secs = 2
            [profiles.jury]
            type = "voting"
            upstreams = ["a", "b", "c"]
            aggregation = "majority"
            """,
            string.Create(CultureInfo.InvariantCulture, $"price = {{ input = {SpendMeter.InputPrice}, output = {SpendMeter.OutputPrice} }}\nretries = 1\nhedge = {{ after = 0.05, budget = 0.5 }}\n"));

        // Code that runs for the first time is compiled first; that is no matter of caps.
        await AskAsync(stage, options.Seed, Enumerable.Range(count, WarmUp));
        using var run = new CancellationTokenSource();
        var noise = MeasureAsync(stage, run.Token);
        var answers = await AskAsync(stage, options.Seed, Enumerable.Range(0, count));
        await run.CancelAsync();
        var lateTimer = await noise;

        ImmutableArray<(CappedRequest Request, CappedAnswer Answer, Spend Spend)> all =
            [.. answers.Select(a => (CappedRequest.Draw(options.Seed, a.Key), a.Value, meter.Of(a.Key)))];
        Print(all, stage, output);
        var bounds = new List<Bound>
        {
            Never("make more calls than max_calls", all, static x => x.Request.MaxCalls is not null, static x => x.Spend.Calls > x.Request.MaxCalls, output),
            Never("cost more than max_cost_usd", all, static x => x.Request.MaxCostUsd is not null, static x => x.Spend.CostUsd > x.Request.MaxCostUsd, output),
            Never("ask fewer than configured without a word", all, static x => x is { Answer.Status: 200, Request.Route: "moa" or "jury" }, static x => x.Answer.Asked < ConfiguredMembers && x.Answer.Degraded.Length == 0, output),
            Never("make a call for a cap that cannot be kept", all, static x => x.Answer.Code == "cap_unsatisfiable", static x => x.Spend.Calls > 0, output),
            Never("report usage that is not the sum of its calls", all, static x => x.Answer.UsageAddsUp is not null, static x => x.Answer.UsageAddsUp == false, output),
        };

        var late = all.Where(static x => x.Request.MaxLatencyMs is not null).Select(static x => x.Answer.Elapsed - TimeSpan.FromMilliseconds(x.Request.MaxLatencyMs!.Value)).ToArray();
        var worst = late.Length == 0 ? TimeSpan.Zero : late.Max();
        bounds.Add(new(
            worst <= Tolerance + lateTimer,
            string.Create(CultureInfo.InvariantCulture, $"{late.Count(l => l > Tolerance)} of {late.Length} answers come more than 50 ms after max_latency_ms, the worst {worst.TotalMilliseconds:0} ms; a bare timer was up to {lateTimer.TotalMilliseconds:0} ms late meanwhile")));
        return bounds;
    }

    private static async Task<ConcurrentDictionary<int, CappedAnswer>> AskAsync(Stage stage, ulong seed, IEnumerable<int> numbers)
    {
        var answers = new ConcurrentDictionary<int, CappedAnswer>();
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (number, token) =>
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            using var response = await stage.Gateway.Client.PostChatAsync($"{stage.Gateway.Address}v1", CappedRequest.Draw(seed, number).Body(), token);
            answers[number] = await CappedAnswer.ReadAsync(response, startedAt);
        });
        return answers;
    }

    private static Bound Never(
        string what,
        ImmutableArray<(CappedRequest Request, CappedAnswer Answer, Spend Spend)> all,
        Func<(CappedRequest Request, CappedAnswer Answer, Spend Spend), bool> applies,
        Func<(CappedRequest Request, CappedAnswer Answer, Spend Spend), bool> breaks,
        TextWriter output)
    {
        var relevant = all.Where(applies).ToArray();
        var breaches = relevant.Where(breaks).ToArray();
        foreach (var breach in breaches.Take(BreachesShown))
        {
            output.WriteLine($"{what}: {breach.Request} {breach.Answer} {breach.Spend}");
        }

        return new(breaches.Length == 0 && relevant.Length > 0, string.Create(CultureInfo.InvariantCulture, $"{breaches.Length} of {relevant.Length} requests {what}, none may"));
    }

    private static void Print(ImmutableArray<(CappedRequest Request, CappedAnswer Answer, Spend Spend)> all, Stage stage, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all.Length} requests with caps, {stage.Models.RequestCount} upstream calls, {FaultShare:0 %} of them faulted\n"));
        foreach (var route in all.GroupBy(x => x.Request.Route, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var ends = route.GroupBy(x => x.Answer.Code ?? (x.Answer.Degraded.Length > 0 ? x.Answer.Degraded : "as configured"), StringComparer.Ordinal).OrderByDescending(g => g.Count());
            output.WriteLine($"{route.Key,-8} {string.Join(", ", ends.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key} {e.Count()}")))}");
        }

        output.WriteLine();
    }

    // How late a timer fires while the run is on, which no cap can be better than. Circuits are kept closed: an open one makes no calls to count.
    private static async Task<TimeSpan> MeasureAsync(Stage stage, CancellationToken cancellationToken)
    {
        var worst = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            await Task.Delay(Tick, CancellationToken.None);
            var late = TimeProvider.System.GetElapsedTime(startedAt) - Tick;
            worst = late > worst ? late : worst;
            foreach (var upstream in stage.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.All)
            {
                upstream.State.Breaker.Succeeded();
            }
        }

        return worst;
    }
}

using Synthwave.Strategies;
using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Proof.Stragglers;

/// <summary>Many fan-outs over one lineup, one after the other on a virtual clock, by the product's own fan-out and with patience learned on the way.</summary>
internal static class StragglerRun
{
    public static StragglerRow Run(Lineup lineup, WaitPolicy policy, int calls, ulong seed)
    {
        var time = new ManualTimeProvider();
        return VirtualTime.Run(time, () => RunAsync(lineup, policy, calls, seed, time));
    }

    private static async Task<StragglerRow> RunAsync(Lineup lineup, WaitPolicy policy, int calls, ulong seed, ManualTimeProvider time)
    {
        var latencies = lineup.Generators.Select(_ => new LatencyQuantiles()).ToArray();
        var lost = new int[lineup.Generators.Length];
        var durations = new TimeSpan[calls];
        var started = 0;
        var fanOut = new FanOutPolicy<TimeSpan>
        {
            IsSuccess = static _ => true,
            Quorum = static alive => Math.Max(1, ((2 * alive) + 2) / 3),
            Patience = policy.Patience,
        };

        for (var call = 0; call < calls; call++)
        {
            var startedAt = time.GetTimestamp();
            var results = await FanOut.RunAsync([.. lineup.Generators.Select((model, i) => CallTo(model, i, call))], fanOut, time, CancellationToken.None);
            durations[call] = time.GetElapsedTime(startedAt);
            for (var i = 0; i < results.Length; i++)
            {
                if (results[i].WasCut)
                {
                    lost[i]++;
                    latencies[i].ObserveCut(results[i].CutAfter);
                }
                else
                {
                    latencies[i].Observe(results[i].Value);
                }
            }
        }

        return StragglerRow.Of(lineup, policy.Name, durations, lost, started);

        FanOutCall<TimeSpan> CallTo(LatencyModel model, int i, long call) => new(
            async token =>
            {
                started++;
                var duration = model.Draw(seed, call, i * LatencyModel.Streams);
                await VirtualCall.WaitAsync(time, duration, token);
                return duration;
            },
            () => latencies[i].Quantile(policy.Quantile));
    }
}

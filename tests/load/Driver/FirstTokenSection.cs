namespace Synthwave.Load.Driver;

/// <summary>What the gateway adds to the wait for the first token and to the time between tokens, one stream at a time.</summary>
internal sealed class FirstTokenSection(Rig rig, RunOptions options, Report report)
{
    private const double AddedLimitMs = 0.5;
    private const int Unmeasured = 50;

    private static readonly string[] Ways = ["direct", "relay", "gateway"];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (rig is not { SimulatorRelay: { } relay, FiveMs: { } slow, Gateway: { } gateway })
        {
            return;
        }

        var slowRelay = await rig.StartRelayAsync("relay-to-5-ms", new Uri(slow.Url, "sse"), 0, cancellationToken);
        await using var slowRelayEnd = slowRelay.Process;
        Uri[] simulated = [new(rig.SimulatorUrl, "v1/chat/completions"), relay.Chat, gateway.Chat];
        Uri[] held = [new(slow.Url, "sse/v1/chat/completions"), slowRelay.Chat, gateway.Chat];
        await ReportFirstTokenAsync([(SimulationFile.FirstToken0, "at once", simulated), (GatewayFile.StreamAfterFiveMs, "after 5 ms", held)], cancellationToken);
        await ReportPaceAsync(simulated, cancellationToken);
    }

    private async Task ReportFirstTokenAsync((string Model, string Label, Uri[] Urls)[] cases, CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        foreach (var (model, label, urls) in cases)
        {
            Progress.Say($"first token {label}");
            var body = Payloads.Request(model, stream: true, 1024);
            await WarmUp.RunAsync(rig, urls.Select(url => (url, body)), cancellationToken);
            var timings = await InterleaveAsync(urls, model, options.Quick ? 100 : 500, cancellationToken);
            var waits = timings.Select(way => Collect(way.Select(timing => timing.FirstContent))).ToArray();
            for (var way = 0; way < Ways.Length; way++)
            {
                rows.Add([
                    label, Ways[way], $"{waits[way].Count}", Format.Ms(waits[way].Median), Format.Ms(waits[way].Quantile(0.99)),
                    Added(waits, way, 0, 0.5), Added(waits, way, 0, 0.99), Added(waits, way, 1, 0.5), Added(waits, way, 1, 0.99),
                ]);
            }

            var added = waits[^1].Median - waits[0].Median;
            report.Target($"added time to a first token {label}, p50, ms over direct", Format.Ms(AddedLimitMs), Format.AddedMs(added), added < AddedLimitMs);
        }

        report.Heading("Time to first token");
        report.Paragraph("Milliseconds from the send to the first event with text, c=1, the three ways in turn. The upstream's first token comes at once or after 5 ms.");
        report.Table(["first token", "way", "n", "p50", "p99", "+direct p50", "+direct p99", "+relay p50", "+relay p99"], rows, textColumns: 2);
    }

    private async Task ReportPaceAsync(Uri[] urls, CancellationToken cancellationToken)
    {
        Progress.Say("time between events");
        var timings = await InterleaveAsync(urls, SimulationFile.Paced, options.Quick ? 8 : 30, cancellationToken);
        var paces = timings.Select(way => Collect(way.Select(timing => timing.Pace))).ToArray();
        var gaps = timings.Select(way => Collect(way.SelectMany(timing => timing.Gaps))).ToArray();

        report.Heading("Time between events");
        report.Paragraph("Milliseconds; 100 events at 200 a second, c=1. Pace is (last - first) / (n - 1) of a stream, a gap the time between two events.");
        report.Table(
            ["way", "streams", "pace p50", "+direct", "+relay", "gaps", "gap p50", "gap p99", "gap p99 +direct", "gap p99 +relay"],
            [.. Enumerable.Range(0, Ways.Length).Select(way => (string[])[
                Ways[way], $"{paces[way].Count}", Format.Ms(paces[way].Median), Added(paces, way, 0, 0.5), Added(paces, way, 1, 0.5),
                $"{gaps[way].Count}", Format.Ms(gaps[way].Median), Format.Ms(gaps[way].Quantile(0.99)), Added(gaps, way, 0, 0.99), Added(gaps, way, 1, 0.99),
            ])]);
    }

    /// <summary>Streams one way after the other, starting with another one each time, so that a drift of the machine hits all alike.</summary>
    private async Task<List<StreamTiming>[]> InterleaveAsync(Uri[] urls, string model, int count, CancellationToken cancellationToken)
    {
        using var client = Loopback.NewClient();
        var probe = new StreamProbe(client, rig.Token);
        var body = Payloads.Request(model, stream: true, 1024);
        var timings = urls.Select(_ => new List<StreamTiming>(count)).ToArray();
        var unmeasured = Math.Min(Unmeasured, count / 4);
        for (var i = 0; i < unmeasured + count; i++)
        {
            for (var turn = 0; turn < urls.Length; turn++)
            {
                var way = (i + turn) % urls.Length;
                var timing = await probe.RunAsync(urls[way], body, cancellationToken);
                if (i >= unmeasured)
                {
                    timings[way].Add(timing);
                }
            }
        }

        return timings;
    }

    private static Samples Collect(IEnumerable<double> values)
    {
        var samples = new Samples();
        samples.AddRange(values);
        return samples;
    }

    private static string Added(Samples[] ways, int way, int reference, double quantile) =>
        way <= reference ? Format.None : Format.AddedMs(ways[way].Quantile(quantile) - ways[reference].Quantile(quantile));
}

using System.Diagnostics;

namespace Synthwave.Load.Driver;

/// <summary>What a Mixture-of-Agents answer takes beyond its slowest draft and its synthesis, one request at a time.</summary>
internal sealed class EnsembleSection(Rig rig, RunOptions options, Report report)
{
    private const int Drafts = 3;
    private const int BlockSize = 10;

    // The first of a block find the other side's code in the caches.
    private const int Unmeasured = 3;
    private const double LimitMs = 1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (rig is not { TwentyMs: { } upstream, Gateway: { } gateway })
        {
            return;
        }

        Progress.Say("MoA latency");
        var (json, events) = (new Uri(upstream.Url, "json/v1/chat/completions"), new Uri(upstream.Url, "sse/v1/chat/completions"));
        var (call, callStream) = (Body(Payloads.StaticModel, stream: false), Body(Payloads.StaticModel, stream: true));
        var (ensemble, ensembleStream) = (Body(GatewayFile.EnsembleTimedJson, stream: false), Body(GatewayFile.EnsembleTimedStream, stream: true));
        var probe = new StreamProbe(rig.Client, rig.Token);
        await WarmUp.RunAsync(rig, [(json, call), (events, callStream), (gateway.Chat, ensemble), (gateway.Chat, ensembleStream)], cancellationToken);

        var inTurn = await MeasureAsync(options.Quick ? 50 : 200, size: 1, unmeasured: 0);
        var inBlocks = await MeasureAsync(options.Quick ? 5 : 20, BlockSize, Unmeasured);

        report.Heading("MoA latency");
        report.Paragraph(
            $"Milliseconds, c=1, n={inTurn.Json.Count}: three generators and a synthesizer, each of which begins its answer after 20 ms. "
            + "Parts are the same calls without the gateway: three side by side, and when the last has answered one for the synthesis. What is above them is added by the gateway. "
            + $"In turn: an answer and its parts one after the other. Blocks: {Unmeasured + BlockSize} answers, then as many times their parts, without the first {Unmeasured}, which find cold caches.");
        report.Table(["answer", "p50", "p99", "parts p50", "parts p99", "added p50"],
        [
            ["JSON, whole answer, in turn", .. inTurn.Json.Row()],
            ["stream, first text, in turn", .. inTurn.Stream.Row()],
            ["JSON, whole answer, blocks", .. inBlocks.Json.Row()],
            ["stream, first text, blocks", .. inBlocks.Stream.Row()],
        ]);
        var added = new[] { inTurn, inBlocks }.Max(static m => Math.Max(m.Json.Added, m.Stream.Added));
        report.Target("MoA: time added to drafts and synthesis, p50, ms", Format.Ms(LimitMs), Format.AddedMs(added), added < LimitMs);

        // Side by side in time, so that a drift of the machine hits both alike.
        async Task<(Pair Json, Pair Stream)> MeasureAsync(int blocks, int size, int unmeasured)
        {
            var (answer, stream) = (new Pair(), new Pair());
            for (var block = 0; block < blocks; block++)
            {
                for (var i = -unmeasured; i < size; i++)
                {
                    var whole = await DraftsAsync(json, call, cancellationToken) + await WholeAnswerAsync(json, call, cancellationToken);
                    var first = await DraftsAsync(json, call, cancellationToken) + (await probe.RunAsync(events, callStream, cancellationToken)).FirstContent;
                    if (i >= 0)
                    {
                        answer.Parts.Add(whole);
                        stream.Parts.Add(first);
                    }
                }

                for (var i = -unmeasured; i < size; i++)
                {
                    var whole = await WholeAnswerAsync(gateway.Chat, ensemble, cancellationToken);
                    var first = (await probe.RunAsync(gateway.Chat, ensembleStream, cancellationToken)).FirstContent;
                    if (i >= 0)
                    {
                        answer.Whole.Add(whole);
                        stream.Whole.Add(first);
                    }
                }
            }

            return (answer, stream);
        }
    }

    private async Task<double> DraftsAsync(Uri url, byte[] body, CancellationToken cancellationToken)
    {
        var sent = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Drafts).Select(_ => WholeAnswerAsync(url, body, cancellationToken)));
        return Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
    }

    private static byte[] Body(string model, bool stream) => Payloads.Request(model, stream, 1024);

    private async Task<double> WholeAnswerAsync(Uri url, byte[] body, CancellationToken cancellationToken)
    {
        using var request = StreamProbe.NewRequest(url, body, rig.Token);
        var sent = Stopwatch.GetTimestamp();
        using var response = await rig.Client.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(sent);
        return response.IsSuccessStatusCode
            ? elapsed.TotalMilliseconds
            : throw new MeasurementException($"{url.AbsolutePath} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>The gateway's times beside those of its parts.</summary>
    private sealed class Pair
    {
        public Samples Parts { get; } = new();

        public Samples Whole { get; } = new();

        public int Count => Whole.Count;

        public double Added => Whole.Median - Parts.Median;

        public string[] Row() =>
            [Format.Ms(Whole.Median), Format.Ms(Whole.Quantile(0.99)), Format.Ms(Parts.Median), Format.Ms(Parts.Quantile(0.99)), Format.AddedMs(Added)];
    }
}

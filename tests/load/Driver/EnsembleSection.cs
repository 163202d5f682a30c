using System.Diagnostics;

namespace Synthwave.Load.Driver;

/// <summary>What a Mixture-of-Agents answer takes beyond its slowest draft and its synthesis, one request at a time.</summary>
internal sealed class EnsembleSection(Rig rig, RunOptions options, Report report)
{
    private const int WarmUp = 50;
    private const double LimitMs = 1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (rig.Gateway is not { } gateway)
        {
            return;
        }

        Progress.Say("MoA latency");
        var direct = new Uri(rig.SimulatorUrl, "v1/chat/completions");
        var probe = new StreamProbe(rig.Client, rig.Token);
        var (drafts, call, answer, callToken, answerToken) = (new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        var (callBody, answerBody) = (Body(SimulationFile.Writer, stream: false), Body(GatewayFile.EnsembleTimed, stream: false));
        var draftBodies = SimulationFile.Drafters.Select(drafter => Body(drafter, stream: false)).ToArray();
        var (callStream, answerStream) = (Body(SimulationFile.Writer, stream: true), Body(GatewayFile.EnsembleTimed, stream: true));
        var count = options.Quick ? 40 : 150;
        for (var i = 0; i < WarmUp + count; i++)
        {
            var sample = (
                await SlowestAsync(direct, draftBodies, cancellationToken),
                await WholeAnswerAsync(direct, callBody, cancellationToken),
                await WholeAnswerAsync(gateway.Chat, answerBody, cancellationToken),
                (await probe.RunAsync(direct, callStream, cancellationToken)).FirstContent,
                (await probe.RunAsync(gateway.Chat, answerStream, cancellationToken)).FirstContent);
            if (i >= WarmUp)
            {
                drafts.Add(sample.Item1);
                call.Add(sample.Item2);
                answer.Add(sample.Item3);
                callToken.Add(sample.Item4);
                answerToken.Add(sample.Item5);
            }
        }

        report.Heading("MoA latency");
        report.Paragraph(
            $"Milliseconds, c=1, n={count}: three generators and a synthesizer that each take {SimulationFile.EnsembleLatencyMs} ms to their first token. "
            + "Parts are three such calls side by side without the gateway, until the last has answered, plus one for the synthesis; what is above them is added by the gateway.");
        report.Table(
            ["answer", "p50", "p99", "parts p50", "added p50"],
            [
                ["JSON, whole answer", .. Row(answer, drafts.Median + call.Median)],
                ["stream, first text", .. Row(answerToken, drafts.Median + callToken.Median)],
            ]);
        var added = Math.Max(answer.Median - drafts.Median - call.Median, answerToken.Median - drafts.Median - callToken.Median);
        report.Target("MoA: time added to drafts and synthesis, p50, ms", Format.Ms(LimitMs), Format.AddedMs(added), added < LimitMs);
    }

    private async Task<double> SlowestAsync(Uri url, byte[][] bodies, CancellationToken cancellationToken)
    {
        var sent = Stopwatch.GetTimestamp();
        await Task.WhenAll(bodies.Select(body => WholeAnswerAsync(url, body, cancellationToken)));
        return Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
    }

    private static byte[] Body(string model, bool stream) => Payloads.Request(model, stream, 1024);

    private static string[] Row(Samples measured, double parts) =>
        [Format.Ms(measured.Median), Format.Ms(measured.Quantile(0.99)), Format.Ms(parts), Format.AddedMs(measured.Median - parts)];

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
}

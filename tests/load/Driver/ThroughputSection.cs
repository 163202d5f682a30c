namespace Synthwave.Load.Driver;

/// <summary>
/// Requests per second, latency and processor time per request under wrk, relay and gateway in turn. Ratios are taken within a round,
/// where both saw the same machine, and their median is the result.
/// </summary>
internal sealed class ThroughputSection(Rig rig, RunOptions options, Report report)
{
    // Upstream calls still under way when wrk stops have no answer to belong to.
    private const double CallTolerance = 0.15;

    private readonly Wrk _wrk = new(rig.Scratch, rig.Token);
    private readonly List<string[]> _rows = [];
    private readonly Dictionary<(string Target, double Limit), (double Ratio, string Where)> _worst = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var contest in Contests.All(rig))
        {
            await RunContestAsync(contest, cancellationToken);
        }

        report.Heading("Throughput");
        report.Paragraph(
            "Closed loop, one wrk thread. CPU is the process's user and system time per request; the ratio is to the bare relay's in the same round. "
            + "Calls are upstream calls per answer, counted by the upstream. Latencies in ms, RSS in MB right after the runs.");
        report.Table(["case", "way", "c", "req/s", "p50", "p99", "CPU µs", "ratio", "limit", "RSS", "calls", "errors"], _rows, textColumns: 2);
        foreach (var ((target, limit), (ratio, where)) in _worst)
        {
            report.Target($"{target}: CPU per request, relay = 1", $"{Format.Ratio(limit)}", $"{Format.Ratio(ratio)} ({where})", ratio <= limit);
        }
    }

    private async Task RunContestAsync(Contest contest, CancellationToken cancellationToken)
    {
        Contender[] contenders = [contest.Direct, contest.Yardstick, .. contest.Measured];
        var bodies = contenders.ToDictionary(contender => contender, contender => WriteBody(contest, contender));
        foreach (var contender in contenders)
        {
            await AnswerCheck.RunAsync(rig, contender, cancellationToken);

            // Compiled code settles under load, not before it.
            await _wrk.RunAsync(contender.Url, bodies[contender], 32, options.Duration, cancellationToken);
        }

        foreach (var connections in contest.Concurrency)
        {
            Progress.Say($"{contest.Name}, c={connections}");
            var trials = contenders.ToDictionary(contender => contender, _ => new List<Trial>());
            for (var round = 0; round < options.Rounds; round++)
            {
                // The upstream alone is there to show its ceiling: once is enough.
                foreach (var contender in round == 0 ? contenders : contenders.Skip(1))
                {
                    trials[contender].Add(await TryOnceAsync(contest, contender, bodies[contender], connections, cancellationToken));
                }
            }

            foreach (var contender in contenders)
            {
                Conclude(contest, contender, connections, trials[contender], trials[contest.Yardstick]);
            }
        }
    }

    private async Task<Trial> TryOnceAsync(Contest contest, Contender contender, string bodyFile, int connections, CancellationToken cancellationToken)
    {
        var callsBefore = contest.CountsUpstreamCalls ? await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) : 0;
        var before = contender.Process?.Read();
        var client = await _wrk.RunAsync(contender.Url, bodyFile, connections, options.Duration, cancellationToken);
        var after = contender.Process?.Read();
        var calls = contest.CountsUpstreamCalls
            ? (await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) - callsBefore) / (double)client.Requests
            : double.NaN;
        var cpu = after?.Cpu - before?.Cpu;
        return new Trial(client, cpu?.TotalMicroseconds / client.Requests ?? double.NaN, after?.Rss ?? double.NaN, calls);
    }

    private void Conclude(Contest contest, Contender contender, int connections, List<Trial> trials, List<Trial> yardstick)
    {
        var errors = trials.Sum(trial => trial.Client.Errors);
        var calls = Samples.MedianOf(trials.Select(trial => trial.UpstreamCalls));
        if (errors > 0 || Math.Abs(calls - contender.UpstreamCalls) > CallTolerance * contender.UpstreamCalls)
        {
            throw new MeasurementException(
                $"{contest.Name}, {contender.Name}, c={connections}: {errors} errors and {Format.Ratio(calls)} upstream calls per answer "
                + $"instead of {contender.UpstreamCalls}; this measures something else");
        }

        var ratio = contender == contest.Direct
            ? double.NaN
            : Samples.MedianOf(trials.Zip(yardstick, (own, relay) => own.CpuMicros / relay.CpuMicros));
        _rows.Add([
            contest.Name, contender.Name, $"{connections}",
            Format.Count(Samples.MedianOf(trials.Select(trial => trial.Client.PerSecond))),
            Format.Ms(Samples.MedianOf(trials.Select(trial => trial.Client.P50))),
            Format.Ms(Samples.MedianOf(trials.Select(trial => trial.Client.P99))),
            Format.Micros(Samples.MedianOf(trials.Select(trial => trial.CpuMicros))),
            Format.Ratio(ratio),
            contender.Limit is { } limit ? Format.Ratio(limit.Ratio) : Format.None,
            Format.Megabytes(trials[^1].Rss), Format.Ratio(calls), $"{errors}",
        ]);

        if (contender.Limit is { } target)
        {
            var worst = _worst.GetValueOrDefault(target, (double.NegativeInfinity, string.Empty));
            _worst[target] = worst.Item1 >= ratio ? worst : (ratio, $"{contest.Name}, c={connections}");
        }
    }

    private string WriteBody(Contest contest, Contender contender)
    {
        var file = Path.Combine(rig.Scratch, $"{contest.Name}-{contender.Name}.json".Replace(' ', '-'));
        File.WriteAllBytes(file, contender.Body);
        return file;
    }
}

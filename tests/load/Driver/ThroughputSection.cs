namespace Synthwave.Load.Driver;

/// <summary>
/// Requests per second, latency and processor time per request under wrk, relay and gateway in turn. A ratio is taken between two runs
/// in a row, which saw the same machine, and the median of the rounds is the result.
/// </summary>
internal sealed class ThroughputSection(Rig rig, RunOptions options, Report report)
{
    // Health probes, and the reading of the counter itself.
    private const double CallTolerance = 0.05;

    private const int MostWarmUps = 5;

    // A run that is not faster by so much than the one before it found its code compiled.
    private const double SettledGain = 1.05;

    private readonly Wrk _wrk = new(rig.Scratch, rig.Token);
    private readonly List<string[]> _rows = [];
    private readonly Dictionary<(string Target, double Limit), (double Ratio, string Where)> _worst = [];
    private readonly Dictionary<(string Target, double Limit), (double Micros, string Where)> _slowest = [];
    private readonly Dictionary<Contender, string> _bodies = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var contest in Contests.All(rig))
        {
            await RunContestAsync(await WarmUpAsync(contest, cancellationToken), cancellationToken);
        }

        report.Heading("Throughput");
        report.Paragraph(
            "Closed loop, one wrk thread. CPU is the process's user and system time per request; the ratio is to the bare relay's in the run before. "
            + "Calls are upstream calls per answer, counted by the upstream. Latencies in ms, RSS in MB right after the runs.");
        report.Table(["case", "way", "c", "req/s", "p50", "p99", "CPU µs", "ratio", "limit", "RSS", "calls", "errors"], _rows, textColumns: 2);
        foreach (var ((target, limit), (ratio, where)) in _worst)
        {
            report.Target($"{target}: CPU per request, relay = 1", $"{Format.Ratio(limit)}", $"{Format.Ratio(ratio)} ({where})", ratio <= limit);
        }

        foreach (var ((target, limit), (micros, where)) in _slowest)
        {
            report.Target($"{target}: CPU per event, the whole request included, µs", $"{Format.Micros(limit)}", $"{Format.Micros(micros)} ({where})", micros <= limit);
        }
    }

    /// <summary>The contest among those that give the right answer; whoever does not has missed its target and is left out.</summary>
    private async Task<Contest> WarmUpAsync(Contest contest, CancellationToken cancellationToken)
    {
        var able = new List<Contender>();
        foreach (var contender in (Contender[])[contest.Direct, contest.Yardstick, .. contest.Measured])
        {
            try
            {
                await AnswerCheck.RunAsync(rig, contender, cancellationToken);
            }
            catch (MeasurementException problem) when (contest.Measured.Contains(contender))
            {
                report.NotMeasured($"{contest.Name}, {contender.Name}", problem);
                continue;
            }

            await SettleAsync(contender, cancellationToken);
            able.Add(contender);
        }

        return contest with { Measured = [.. contest.Measured.Where(able.Contains)] };
    }

    // Compiled code settles under load, not before it, and it takes its time: the compiler works beside the load, on the same cores.
    private async Task SettleAsync(Contender contender, CancellationToken cancellationToken)
    {
        var last = 0.0;
        for (var i = 0; i < MostWarmUps; i++)
        {
            var run = await _wrk.RunAsync(contender.Url, BodyFile(contender), 32, options.Duration, cancellationToken);
            var rate = run.Requests / run.Elapsed.TotalSeconds;
            if (contender.Process is null || rate < last * SettledGain)
            {
                return;
            }

            last = rate;
        }
    }

    private async Task RunContestAsync(Contest contest, CancellationToken cancellationToken)
    {
        Contender[] contenders = [contest.Direct, contest.Yardstick, .. contest.Measured];
        foreach (var connections in contest.Concurrency)
        {
            Progress.Say($"{contest.Name}, c={connections}");
            var trials = contenders.ToDictionary(contender => contender, _ => new List<Trial>());
            var ratios = contest.Measured.ToDictionary(contender => contender, _ => new Samples());

            // The upstream alone is there to show its ceiling: once is enough.
            await TakeAsync(contest.Direct);
            for (var round = 0; round < options.Rounds; round++)
            {
                var yardstick = await TakeAsync(contest.Yardstick);
                for (var i = 0; i < contest.Measured.Length; i++)
                {
                    var contender = contest.Measured[i];

                    // What is judged is judged against a relay that ran right before it.
                    yardstick = i > 0 && contender.Limit is not null ? await TakeAsync(contest.Yardstick) : yardstick;
                    ratios[contender].Add((await TakeAsync(contender)).CpuMicros / yardstick.CpuMicros);
                }
            }

            foreach (var contender in contenders)
            {
                Conclude(contest, contender, connections, trials[contender], contender == contest.Yardstick ? 1 : ratios.GetValueOrDefault(contender)?.Median ?? double.NaN);
            }

            async Task<Trial> TakeAsync(Contender contender)
            {
                var trial = await TryOnceAsync(contest, contender, connections, cancellationToken);
                trials[contender].Add(trial);
                return trial;
            }
        }
    }

    private async Task<Trial> TryOnceAsync(Contest contest, Contender contender, int connections, CancellationToken cancellationToken)
    {
        var callsBefore = contest.CountsUpstreamCalls ? await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) : 0;
        var before = contender.Process?.Read();
        var client = await _wrk.RunAsync(contender.Url, BodyFile(contender), connections, options.Duration, cancellationToken);
        var after = contender.Process?.Read();
        var calls = contest.CountsUpstreamCalls
            ? (await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) - callsBefore) / (double)client.Requests
            : double.NaN;
        var cpu = after?.Cpu - before?.Cpu;
        return new Trial(client, cpu?.TotalMicroseconds / client.Requests ?? double.NaN, after?.Rss ?? double.NaN, calls);
    }

    private void Conclude(Contest contest, Contender contender, int connections, List<Trial> trials, double ratio)
    {
        var errors = trials.Sum(trial => trial.Client.Errors);
        var calls = Samples.MedianOf(trials.Select(trial => trial.UpstreamCalls));

        // When wrk stops, a call is under way on every connection whose answer is not counted.
        var unanswered = connections * contender.UpstreamCalls / (double)trials.Min(trial => trial.Client.Requests);
        if (errors > 0 || Math.Abs(calls - contender.UpstreamCalls) > (CallTolerance * contender.UpstreamCalls) + unanswered)
        {
            // Still a row to look at, but not a result.
            report.Target(
                $"{contest.Name}, {contender.Name}, c={connections}: every answer right",
                $"0 errors, {contender.UpstreamCalls} calls", $"{errors} errors, {Format.Ratio(calls)} calls", met: false);
        }

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

        if (contender.EventLimit is { } perEvent)
        {
            var micros = Samples.MedianOf(trials.Select(trial => trial.CpuMicros)) / Payloads.StreamEvents;
            var slowest = _slowest.GetValueOrDefault(perEvent, (double.NegativeInfinity, string.Empty));
            _slowest[perEvent] = slowest.Item1 >= micros ? slowest : (micros, $"{contender.Name}, c={connections}");
        }

        if (contender.Limit is { } target)
        {
            var worst = _worst.GetValueOrDefault(target, (double.NegativeInfinity, string.Empty));
            _worst[target] = worst.Item1 >= ratio ? worst : (ratio, $"{contest.Name}, c={connections}");
        }
    }

    private string BodyFile(Contender contender)
    {
        if (!_bodies.TryGetValue(contender, out var file))
        {
            file = Path.Combine(rig.Scratch, $"body-{_bodies.Count}.json");
            File.WriteAllBytes(file, contender.Body);
            _bodies.Add(contender, file);
        }

        return file;
    }
}

namespace Synthwave.Load.Driver;

/// <summary>
/// Requests per second, latency and processor time per request under wrk, relay, YARP and gateway in turn. A ratio to the relay is taken
/// between two runs in a row, which saw the same machine, one to YARP within a round; the median of the rounds is the result.
/// </summary>
internal sealed class ThroughputSection(Rig rig, RunOptions options, Report report)
{
    private const int WarmUpConnections = 32;

    private readonly Trials _trials = new(rig, options.Duration);
    private readonly List<string[]> _rows = [];
    private readonly List<string[]> _besideYarp = [];
    private readonly Dictionary<(string Target, double Limit), (double Ratio, string Where)> _worst = [];
    private readonly Dictionary<(string Target, double Limit), (double Micros, string Where)> _slowest = [];

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
        report.Heading("Beside YARP");
        report.Paragraph(
            "CPU per request of the gateway as a multiple of the relay's and of YARP's, and of YARP as a multiple of the relay's: the medians of the same rounds. "
            + "YARP forwards to the same address as the relay; its own rows are above.");
        report.Table(["case", "way", "c", "gateway/relay", "YARP/relay", "gateway/YARP"], _besideYarp, textColumns: 2);
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
        foreach (var contender in contest.All)
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

            if (contender.Process is not null)
            {
                await _trials.SettleAsync([contender], WarmUpConnections, cancellationToken);
            }

            able.Add(contender);
        }

        return contest with { Measured = [.. contest.Measured.Where(able.Contains)] };
    }

    private async Task RunContestAsync(Contest contest, CancellationToken cancellationToken)
    {
        foreach (var connections in contest.Concurrency)
        {
            Progress.Say($"{contest.Name}, c={connections}");
            var trials = contest.All.ToDictionary(contender => contender, _ => new List<Trial>());
            var ratios = contest.All.ToDictionary(contender => contender, _ => new Samples());
            var besideYarp = contest.Measured.ToDictionary(contender => contender, _ => new Samples());

            // The upstream alone is there to show its ceiling: once is enough.
            await TakeAsync(contest.Direct);
            for (var round = 0; round < options.Rounds; round++)
            {
                var yarp = contest.Yarp is null ? null : await TakeAsync(contest.Yarp);
                var yardstick = await TakeAsync(contest.Yardstick);
                ratios[contest.Yardstick].Add(1);
                if (contest.Yarp is { } second && yarp is not null)
                {
                    ratios[second].Add(yarp.CpuMicros / yardstick.CpuMicros);
                }

                for (var i = 0; i < contest.Measured.Length; i++)
                {
                    var contender = contest.Measured[i];

                    // What is judged is judged against a relay that ran right before it.
                    yardstick = i > 0 && contender.Limit is not null ? await TakeAsync(contest.Yardstick) : yardstick;
                    var trial = await TakeAsync(contender);
                    ratios[contender].Add(trial.CpuMicros / yardstick.CpuMicros);
                    besideYarp[contender].Add(trial.CpuMicros / yarp?.CpuMicros ?? double.NaN);
                }
            }

            foreach (var contender in contest.All)
            {
                Conclude(contest, contender, connections, trials[contender], ratios[contender].Median);
            }

            if (contest.Yarp is { } proxy)
            {
                _besideYarp.AddRange(contest.Measured.Select(contender => (string[])[
                    contest.Name, contender.Name, $"{connections}",
                    Format.Ratio(ratios[contender].Median), Format.Ratio(ratios[proxy].Median), Format.Ratio(besideYarp[contender].Median),
                ]));
            }

            async Task<Trial> TakeAsync(Contender contender)
            {
                var trial = await _trials.RunAsync(contender, connections, contest.CountsUpstreamCalls, cancellationToken);
                trials[contender].Add(trial);
                return trial;
            }
        }
    }

    private void Conclude(Contest contest, Contender contender, int connections, List<Trial> trials, double ratio)
    {
        if (Trials.Problem(contender, connections, trials) is { } problem)
        {
            // Still a row to look at, but not a result.
            report.Target(
                $"{contest.Name}, {contender.Name}, c={connections}: every answer right", $"0 errors, {contender.UpstreamCalls} calls", problem, met: false);
        }

        _rows.Add([
            contest.Name, contender.Name, $"{connections}",
            Format.Count(Samples.MedianOf(trials.Select(trial => trial.Client.PerSecond))),
            Format.Ms(Samples.MedianOf(trials.Select(trial => trial.Client.P50))),
            Format.Ms(Samples.MedianOf(trials.Select(trial => trial.Client.P99))),
            Format.Micros(Samples.MedianOf(trials.Select(trial => trial.CpuMicros))),
            Format.Ratio(ratio),
            contender.Limit is { } limit ? Format.Ratio(limit.Ratio) : Format.None,
            Format.Megabytes(trials[^1].Rss),
            Format.Ratio(Samples.MedianOf(trials.Select(trial => trial.UpstreamCalls))), $"{trials.Sum(trial => trial.Client.Errors)}",
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
}

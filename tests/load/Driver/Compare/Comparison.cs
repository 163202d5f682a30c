using System.Globalization;
using System.Text;

namespace Synthwave.Load.Driver.Compare;

/// <summary>
/// Two builds by turns in short rounds. A ratio is taken between two turns in a row, which saw the same machine; who goes first changes with
/// every round, and the processes are started anew for every launch, since two processes of one build are compiled differently.
/// </summary>
internal sealed class Comparison(CompareOptions options)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly Dictionary<CompareCase, List<Round>> _rounds = options.Cases.ToDictionary(one => one, _ => new List<Round>());
    private readonly List<string> _problems = [];

    /// <summary>Prints the result. True when every case was measured, and every answer was right.</summary>
    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        Prerequisites.Check();
        var (a, b) = (new PublishedBuild(options.DirectoryA), new PublishedBuild(options.DirectoryB));
        var load = MachineFacts.LoadAverage();
        await using (var rig = await Rig.StartYardsticksAsync(a.Start, options.LogDirectory, cancellationToken))
        {
            for (var launch = 1; launch <= options.Launches; launch++)
            {
                await RunLaunchAsync(rig, launch, a.Start, b.Start, cancellationToken);
            }
        }

        var text = new StringBuilder("# A beside B\n\n");
        string[] facts =
        [
            $"A: {a}", $"B: {b}",
            string.Create(CultureInfo.InvariantCulture, $"{options.Launches} launches of each; {options.Rounds} rounds a launch, turns of {options.Turn.TotalMilliseconds:0} ms, c={options.Connections}"),
            $"{Environment.ProcessorCount} cores, load average {load} at the start and {MachineFacts.LoadAverage()} at the end, {(options.First ? "this before everybody else" : "shared alike")}",
            .. a.RemarksBeside(b), .. RemarkOnNeighbours(load), .. _problems.Select(problem => $"**{problem}**"),
        ];
        text.AppendJoin('\n', facts.Select(fact => $"- {fact}")).Append("\n\n");
        new ComparisonReport(_rounds, options).AppendTo(text);
        Console.Out.Write(text);
        return _problems.Count == 0;
    }

    private IEnumerable<string> RemarkOnNeighbours(string load) =>
        !options.First && double.Parse(load, CultureInfo.InvariantCulture) > Environment.ProcessorCount / 2.0
            ? ["others were busy on the cores when this began, which scatters the ratios by tens of percent: --first comes before them, or wait"]
            : [];

    private async Task RunLaunchAsync(Rig rig, int launch, GatewayBuild buildA, GatewayBuild buildB, CancellationToken cancellationToken)
    {
        var a = await rig.StartGatewayAsync($"gateway-a-{launch}", cancellationToken, buildA);
        await using var endA = a.Process;
        var b = await rig.StartGatewayAsync($"gateway-b-{launch}", cancellationToken, buildB);
        await using var endB = b.Process;

        var turns = new List<Turns>();
        foreach (var one in options.Cases)
        {
            var candidate = new Turns(one, one.At("A", a), one.At("B", b), options.WithRelay ? one.AtRelay(rig.Relay) : null);
            if (await AnswersAsync(rig, candidate, cancellationToken))
            {
                turns.Add(candidate);
            }
        }

        var trials = new Trials(rig, options.Turn);
        await WarmUpAsync(rig, launch, turns, cancellationToken);
        for (var round = 1; round <= options.Rounds; round++)
        {
            var said = new List<string>();
            foreach (var turn in turns)
            {
                var taken = await TakeRoundAsync(trials, launch, turn, aFirst: round % 2 == 1, cancellationToken);
                _rounds[turn.Case].Add(taken);
                said.Add($"{turn.Case.Key} {Format.Ratio(taken.Ratio)}");
            }

            Progress.Say($"launch {launch} of {options.Launches}, round {round} of {options.Rounds}: A/B {string.Join(", ", said)}");
        }

        foreach (var turn in turns)
        {
            NoteProblem(turn.Case, turn.A, launch, round => round.A);
            NoteProblem(turn.Case, turn.B, launch, round => round.B);
        }
    }

    /// <summary>Whether both give the answer; who does not is no contender, and the case has no result from this launch.</summary>
    private async Task<bool> AnswersAsync(Rig rig, Turns turns, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var contender in turns.All)
            {
                await AnswerCheck.RunAsync(rig, contender, cancellationToken);
            }

            return true;
        }
        catch (MeasurementException problem)
        {
            _problems.Add($"{turns.Case.Name}: not measured: {string.Join(' ', problem.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}");
            return false;
        }
    }

    private async Task WarmUpAsync(Rig rig, int launch, List<Turns> turns, CancellationToken cancellationToken)
    {
        Progress.Say($"launch {launch} of {options.Launches}");

        // The relay stays from one launch to the next.
        var contenders = turns.SelectMany(turn => launch == 1 ? turn.All : [turn.A, turn.B]).ToArray();
        var compiling = await new Trials(rig, WarmUp).SettleAsync(contenders, options.Connections, cancellationToken);
        if (compiling.Count > 0)
        {
            _problems.Add($"launch {launch}: code was still being compiled after the warm-up, in {string.Join(" and ", compiling.Select(one => one.Name).Distinct())}");
        }
    }

    private async Task<Round> TakeRoundAsync(Trials trials, int launch, Turns turns, bool aFirst, CancellationToken cancellationToken)
    {
        var first = await TakeAsync(aFirst ? turns.A : turns.B);
        var second = await TakeAsync(aFirst ? turns.B : turns.A);
        var relay = turns.Relay is null ? null : await TakeAsync(turns.Relay);
        return aFirst ? new Round(launch, first, second, relay) : new Round(launch, second, first, relay);

        Task<Trial> TakeAsync(Contender contender) => trials.RunAsync(contender, options.Connections, countsCalls: true, cancellationToken);
    }

    private void NoteProblem(CompareCase one, Contender contender, int launch, Func<Round, Trial> side)
    {
        Trial[] taken = [.. _rounds[one].Where(round => round.Launch == launch).Select(side)];
        if (Trials.Problem(contender, options.Connections, taken) is { } problem)
        {
            _problems.Add($"{one.Name}, {contender.Name}, launch {launch}: not a result: {problem} an answer, 0 errors and {one.UpstreamCalls} calls were due");
        }

        if (taken.Average(trial => trial.CompilerShare) is var share && share > 2 * Trials.SettledShare)
        {
            _problems.Add($"{one.Name}, {contender.Name}, launch {launch}: not a result: compiling took {Format.Percent(share)} of its processor time");
        }
    }

    private sealed record Turns(CompareCase Case, Contender A, Contender B, Contender? Relay)
    {
        public IEnumerable<Contender> All => Relay is null ? [A, B] : [A, B, Relay];
    }
}

using System.Diagnostics;

namespace Synthwave.Load.Driver;

/// <summary>Runs wrk against the contenders of one rig, and reads before and after what the contender's process and the upstream say.</summary>
internal sealed class Trials(Rig rig, TimeSpan duration)
{
    // Health probes, and the reading of the counter itself.
    private const double CallTolerance = 0.05;

    /// <summary>What compiling may take of the processor time of a run whose code counts as compiled.</summary>
    public const double SettledShare = 0.01;

    // On busy cores the compiler's turn comes late.
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(60);

    private readonly Wrk _wrk = new(rig.Scratch, rig.Token);
    private readonly Dictionary<Contender, string> _bodies = [];

    /// <summary>One run. With <paramref name="countsCalls"/> the upstream is asked how many calls an answer took.</summary>
    public async Task<Trial> RunAsync(Contender contender, int connections, bool countsCalls, CancellationToken cancellationToken)
    {
        var callsBefore = countsCalls ? await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) : 0;
        var before = contender.Process?.Read();
        var client = await _wrk.RunAsync(contender.Url, BodyFile(contender), connections, duration, cancellationToken);
        var after = contender.Process?.Read();
        var calls = countsCalls
            ? (await StaticCounter.ReadAsync(rig.Client, rig.StaticUrl, cancellationToken) - callsBefore) / (double)client.Requests
            : double.NaN;
        var cpu = after?.Cpu - before?.Cpu;
        return new Trial(client, cpu?.TotalMicroseconds / client.Requests ?? double.NaN, after is { } end ? before?.CompilerShareUntil(end) ?? 0 : 0, after?.Rss ?? double.NaN, calls);
    }

    /// <summary>Runs all of them by turns until nobody's code is being compiled any more, which happens under load, not before it, and beside it, on the same cores.</summary>
    /// <returns>Who was still at it in the end.</returns>
    public async Task<IReadOnlyCollection<Contender>> SettleAsync(IReadOnlyCollection<Contender> contenders, int connections, CancellationToken cancellationToken)
    {
        Contender[] compiling = [];
        var start = Stopwatch.GetTimestamp();
        for (var pass = 1; pass <= 2 || (compiling.Length > 0 && Stopwatch.GetElapsedTime(start) < LongestWarmUp); pass++)
        {
            var shares = new Dictionary<Contender, double>();
            foreach (var contender in contenders)
            {
                shares[contender] = (await RunAsync(contender, connections, countsCalls: false, cancellationToken)).CompilerShare;
            }

            Progress.Say($"warming up, compiler at {string.Join(", ", shares.Select(pair => $"{pair.Key.Name} {Format.Percent(pair.Value)}"))}");
            compiling = [.. contenders.Where(contender => shares[contender] > SettledShare)];
        }

        return compiling;
    }

    /// <summary>What is wrong with the runs of one contender, or null: every answer must have come, and have taken its number of upstream calls.</summary>
    public static string? Problem(Contender contender, int connections, IReadOnlyCollection<Trial> trials)
    {
        var errors = trials.Sum(trial => trial.Client.Errors);
        var calls = Samples.MedianOf(trials.Select(trial => trial.UpstreamCalls));

        // When wrk stops, a call is under way on every connection whose answer is not counted.
        var unanswered = connections * contender.UpstreamCalls / (double)trials.Min(trial => trial.Client.Requests);
        return errors > 0 || Math.Abs(calls - contender.UpstreamCalls) > (CallTolerance * contender.UpstreamCalls) + unanswered
            ? $"{errors} errors, {Format.Ratio(calls)} calls"
            : null;
    }

    private string BodyFile(Contender contender)
    {
        if (!_bodies.TryGetValue(contender, out var file))
        {
            file = Path.Combine(rig.Scratch, Path.GetRandomFileName());
            File.WriteAllBytes(file, contender.Body);
            _bodies.Add(contender, file);
        }

        return file;
    }
}

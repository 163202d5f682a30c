namespace Synthwave.Load.Driver;

/// <summary>Runs wrk against the contenders of one rig, and reads before and after what the contender's process and the upstream say.</summary>
internal sealed class Trials(Rig rig, TimeSpan duration)
{
    // Health probes, and the reading of the counter itself.
    private const double CallTolerance = 0.05;

    private const int MostWarmUps = 5;

    // A run that is not faster by so much than the one before it found its code compiled.
    private const double SettledGain = 1.05;

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
        return new Trial(client, cpu?.TotalMicroseconds / client.Requests ?? double.NaN, after?.Rss ?? double.NaN, calls);
    }

    /// <summary>One run that nobody looks at.</summary>
    public Task WarmUpAsync(Contender contender, int connections, TimeSpan length, CancellationToken cancellationToken) =>
        _wrk.RunAsync(contender.Url, BodyFile(contender), connections, length, cancellationToken);

    /// <summary>Runs until the code is compiled, which it settles into under load, not before it: the compiler works beside the load, on the same cores.</summary>
    public async Task SettleAsync(Contender contender, CancellationToken cancellationToken)
    {
        var last = 0.0;
        for (var i = 0; i < MostWarmUps; i++)
        {
            var run = await _wrk.RunAsync(contender.Url, BodyFile(contender), 32, duration, cancellationToken);
            if (contender.Process is null || run.PerSecond < last * SettledGain)
            {
                return;
            }

            last = run.PerSecond;
        }
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

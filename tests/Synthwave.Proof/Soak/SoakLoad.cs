using System.Collections.Concurrent;
using System.Collections.Immutable;
using Synthwave.Proof.Hostile;
using Synthwave.Proof.Hostile.Processes;
using Synthwave.Proof.Hostile.Sweeps;

namespace Synthwave.Proof.Soak;

/// <summary>
/// Everything at once, for as long as is asked, and again: orderly requests, hostile bodies and heads, upstreams that fail, clients that leave or hardly read, and a configuration that is
/// rewritten, whole and broken. Inputs are numbered on from one time to the next. Used by one flow.
/// </summary>
/// <param name="seed">Of everything drawn.</param>
/// <param name="gateway">Who is treated so.</param>
/// <param name="upstream">Whom it asks.</param>
/// <param name="toml">Its configuration, which stands in its file again after every time.</param>
internal sealed class SoakLoad(ulong seed, ChildGateway gateway, HostileUpstream upstream, string toml)
{
    private const int Workers = 24;

    private static readonly TimeSpan BetweenReloads = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMinutes(1);

    private readonly HostileTarget _target = new(gateway.Address, seed) { HasFailingUpstreams = true };
    private readonly ConcurrentDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);
    private long _inputs;
    private long _reloads;
    private TimeSpan _loaded;

    /// <summary>Of all inputs so far, by sweep.</summary>
    public IReadOnlyCollection<Tally> Tallies => [.. _tallies.Values.OrderBy(static t => t.Sweep, StringComparer.Ordinal)];

    /// <summary>Loads it, telling once a minute how it is; ends early where it has exited.</summary>
    public async Task RunAsync(TimeSpan time, TextWriter output)
    {
        using var bodies = new BodySweep();
        ImmutableArray<(ISweep Sweep, int Share)> sweeps = [(new OrderlySweep(), 45), (bodies, 20), (new HeadSweep(), 10), (new ReplySweep(upstream), 12), (new CutSweep(), 9), (new FloodSweep(), 4)];
        using var run = new CancellationTokenSource(time);
        var beside = Task.WhenAll(ReloadAsync(run.Token), ReadAsync(output, run.Token));
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));
        await beside;
        _loaded += time;

        async Task WorkAsync()
        {
            while (!run.IsCancellationRequested && !gateway.HasExited)
            {
                var number = Interlocked.Increment(ref _inputs);
                var at = Draws.Of(seed, "soak", number).Next(sweeps.Sum(static s => s.Share));
                var (sweep, _) = sweeps.First(s => (at -= s.Share) < 0);
                await HostileRun.OneAsync(sweep, _target, number, _tallies.GetOrAdd(sweep.Name, static n => new Tally(n)));
            }
        }
    }

    // The file as it is with another comment, or cut somewhere; whole in the end.
    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenReloads);
        for (; await TickAsync(timer, cancellationToken); _reloads++)
        {
            var random = Draws.Of(seed, "soak reload", _reloads);
            await File.WriteAllTextAsync(gateway.ConfigPath, random.Once(3) ? toml[..random.Next(toml.Length)] : FormattableString.Invariant($"{toml}# {_reloads}\n"), CancellationToken.None);
        }

        await File.WriteAllTextAsync(gateway.ConfigPath, toml, CancellationToken.None);
    }

    private async Task ReadAsync(TextWriter output, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenReadings);
        for (var minute = (int)_loaded.TotalMinutes + 1; await TickAsync(timer, cancellationToken); minute++)
        {
            output.WriteLine(FormattableString.Invariant($"after {minute,4} minutes  {ProcessFigures.Of(gateway.Id)}"));
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

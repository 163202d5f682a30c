using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Commands.Checks;

/// <summary>Asks all upstreams of a configuration at once, a few at a time.</summary>
internal static class LiveCheck
{
    private const int AtOnce = 16;

    /// <summary>One finding for each upstream, in file order. Takes at most as long as the slowest, times one for every sixteen.</summary>
    public static async Task<ImmutableArray<LiveFinding>> RunAsync(GatewayConfig config, bool isPaid, Func<string, string?> environment, TimeProvider time, CancellationToken cancellationToken)
    {
        using var registry = new UpstreamRegistry(new UpstreamContext { Time = time, Environment = environment });

        // Whatever the probes of the gateway go by, here the list is asked for.
        var set = registry.Build(config with { Upstreams = [.. config.Upstreams.Select(static u => u with { Health = "models", Retries = 0 })] });
        var upstreams = set.All.ToArray();
        var findings = new LiveFinding[upstreams.Length];
        await Parallel.ForAsync(
            0,
            upstreams.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (i, token) => findings[i] = await new LiveProbe(upstreams[i], environment, time, isPaid).RunAsync(token));
        return [.. findings];
    }
}

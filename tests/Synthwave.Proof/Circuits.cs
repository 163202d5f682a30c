using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Proof;

/// <summary>The circuit breakers of a gateway whose upstreams fail far more often than any would.</summary>
internal static class Circuits
{
    public static ImmutableArray<UpstreamClient> Upstreams(TestGateway gateway) => gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.All;

    /// <summary>Closes them again and again until it is cancelled, which is no error. Open, requests would meet a closed door instead of their faults.</summary>
    public static async Task KeepClosedAsync(TestGateway gateway, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var upstream in Upstreams(gateway))
                {
                    upstream.State.Breaker.Succeeded();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}

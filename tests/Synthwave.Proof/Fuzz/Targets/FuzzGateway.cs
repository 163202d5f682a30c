using Synthwave.Proof.Hostile;
using Synthwave.TestKit;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>A gateway for readers that need its configuration or routes. It is asked nothing over its socket, and its upstreams are nowhere.</summary>
internal static class FuzzGateway
{
    public static TestGateway Start() => TestGateway.StartAsync(HostileTarget.Toml("http://127.0.0.1:1/v1")).GetAwaiter().GetResult();

    public static void Stop(TestGateway gateway) => gateway.DisposeAsync().AsTask().GetAwaiter().GetResult();
}

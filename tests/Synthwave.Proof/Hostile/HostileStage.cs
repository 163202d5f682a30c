using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Admission;
using Synthwave.Proof.Hostile.Processes;
using Synthwave.TestKit;

namespace Synthwave.Proof.Hostile;

/// <summary>A gateway in this process in front of an upstream that does as it is told. Disposing stops both.</summary>
internal sealed class HostileStage : IAsyncDisposable
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _run = new();
    private readonly Task _closing;

    private HostileStage(HostileUpstream upstream, TestGateway gateway, ulong seed)
    {
        Upstream = upstream;
        Gateway = gateway;
        Target = new HostileTarget(gateway.Address, seed);
        _closing = Circuits.KeepClosedAsync(gateway, _run.Token);
    }

    public HostileUpstream Upstream { get; }

    public TestGateway Gateway { get; }

    public HostileTarget Target { get; }

    /// <summary>Requests in work and upstream calls in flight.</summary>
    public int InWork => Gateway.Services.GetRequiredService<RequestAdmission>().InWork + Circuits.Upstreams(Gateway).Sum(u => u.State.InFlight);

    public static async Task<HostileStage> StartAsync(ulong seed)
    {
        var upstream = new HostileUpstream(seed);
        return new(upstream, await TestGateway.StartAsync(HostileTarget.Toml(upstream.BaseUrl)), seed);
    }

    /// <summary>Waits until nothing is in work any more, half a minute at most, and says what this process holds then.</summary>
    public async Task<ProcessFigures> RestAsync()
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (InWork > 0 && TimeProvider.System.GetElapsedTime(startedAt) < LongestRest)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        return ProcessFigures.OfThis();
    }

    public async ValueTask DisposeAsync()
    {
        await _run.CancelAsync();
        await _closing;
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        _run.Dispose();
    }
}

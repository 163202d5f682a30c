namespace Synthwave.Hosting;

/// <summary>Leaves signals to the command that runs the host: the host's own lifetime would stop at the first one, drained or not.</summary>
internal sealed class SignalFreeLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

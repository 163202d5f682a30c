using System.ClientModel.Primitives;
using System.Collections.Concurrent;

namespace Synthwave.ClientTests;

/// <summary>The client's own retry policy, whose waits are noted and not waited out. Thread-safe.</summary>
internal sealed class UnhurriedRetries() : ClientRetryPolicy(maxRetries: 3)
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private int _sent;

    /// <summary>Requests that left the client.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>How long the client would have waited before each retry.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    protected override void OnSendingRequest(PipelineMessage message) => Interlocked.Increment(ref _sent);

    protected override ValueTask OnSendingRequestAsync(PipelineMessage message)
    {
        Interlocked.Increment(ref _sent);
        return default;
    }

    protected override Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _waits.Enqueue(time);
        return Task.CompletedTask;
    }
}

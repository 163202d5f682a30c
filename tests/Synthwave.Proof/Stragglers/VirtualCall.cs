namespace Synthwave.Proof.Stragglers;

/// <summary>A call that takes its time on a virtual clock.</summary>
internal static class VirtualCall
{
    /// <summary>Completes after <paramref name="duration"/>, or is cancelled. <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> would be cancelled by way of the pool, which a clock that jumps does not wait for.</summary>
    public static async Task WaitAsync(TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), ended, duration, Timeout.InfiniteTimeSpan);
        using var cut = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), ended);
        await ended.Task;
    }
}

namespace Synthwave.TestKit;

/// <summary>
/// Runs asynchronous code on one thread and on a clock that jumps to the next timer whenever nothing else is left to do: hours pass in milliseconds and
/// every run is the same. The code must not hop to other threads (no <c>ConfigureAwait(false)</c>, no sockets).
/// </summary>
public static class VirtualTime
{
    private static readonly TimeSpan Straggling = TimeSpan.FromSeconds(10);

    /// <summary>The result of <paramref name="body"/>, or its exception. Throws <see cref="InvalidOperationException"/> when it waits for something that no timer will bring.</summary>
    public static T Run<T>(ManualTimeProvider time, Func<Task<T>> body)
    {
        var outer = SynchronizationContext.Current;
        var pump = new Pump();
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var running = body();
            pump.RunAll();
            while (!running.IsCompleted)
            {
                // Without a timer something on its way through the pool (a cancellation) may still come back.
                if (!time.AdvanceToNextTimer() && !pump.Wait(Straggling))
                {
                    throw new InvalidOperationException("The code under test waits, and no timer is set.");
                }

                pump.RunAll();
            }

            return running.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private sealed class Pump : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (_queue)
            {
                _queue.Enqueue((d, state));
                Monitor.PulseAll(_queue);
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public bool Wait(TimeSpan limit)
        {
            lock (_queue)
            {
                return _queue.Count > 0 || Monitor.Wait(_queue, limit);
            }
        }

        public void RunAll()
        {
            while (TryTake(out var next))
            {
                next.Callback(next.State);
            }
        }

        private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
        {
            lock (_queue)
            {
                return _queue.TryDequeue(out next);
            }
        }
    }
}

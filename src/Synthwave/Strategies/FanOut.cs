namespace Synthwave.Strategies;

/// <summary>
/// Runs calls side by side and decides how long stragglers are waited for.
/// <code>
/// start ──► first success ──► quorum ──► end
///        wait for all      each pending  each pending call until its own patience,
///        (to the deadline) call a while  within [1 s, max grace] after quorum
/// </code>
/// Whoever is cut is cancelled and drained, so that nothing runs on when this returns; a result that lands during cancellation is kept.
/// </summary>
internal static class FanOut
{
    /// <summary>
    /// Runs <paramref name="calls"/>; results are in their order. Throws only on cancellation of <paramref name="cancellationToken"/>, after every
    /// call has ended. A call must end promptly when its own token is cancelled and must not throw otherwise.
    /// </summary>
    public static async Task<FanOutResult<T>[]> RunAsync<T>(
        IReadOnlyList<FanOutCall<T>> calls, FanOutPolicy<T> policy, TimeProvider time, CancellationToken cancellationToken)
    {
        var runs = new Run<T>[calls.Count];
        var startedAt = time.GetTimestamp();
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i] = new Run<T>(calls[i], cancellationToken);
        }

        try
        {
            await WaitAsync(runs, policy, startedAt, time, cancellationToken);
        }
        finally
        {
            foreach (var run in runs)
            {
                if (!run.Task.IsCompleted)
                {
                    run.Cut(time);
                }
            }

            foreach (var run in runs)
            {
                // However it ends; a bug's exception surfaces with the results.
                await ((Task)run.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                run.Dispose();
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return [.. runs.Select(r => r.Result(time, startedAt))];
    }

    private static async Task WaitAsync<T>(Run<T>[] runs, FanOutPolicy<T> policy, long startedAt, TimeProvider time, CancellationToken cancellationToken)
    {
        long? firstSuccessAt = null;
        long? quorumAt = null;
        while (true)
        {
            var (pending, successes, failures) = Count(runs, policy);
            if (pending.Count == 0 || (successes.Count > 0 && policy.IsDecided?.Invoke(successes, pending.Count) == true))
            {
                return;
            }

            var now = time.GetTimestamp();
            if (successes.Count > 0)
            {
                firstSuccessAt ??= now;
                if (successes.Count >= policy.Quorum(runs.Length - failures))
                {
                    quorumAt ??= now;
                }
            }

            var nextCut = CutExpired(pending, policy, startedAt, firstSuccessAt, quorumAt, now, time);
            if (pending.TrueForAll(static r => r.IsCut))
            {
                return;
            }

            await WaitForChangeAsync(pending, nextCut, time, cancellationToken);
        }
    }

    private static (List<Run<T>> Pending, List<T> Successes, int Failures) Count<T>(Run<T>[] runs, FanOutPolicy<T> policy)
    {
        var pending = new List<Run<T>>(runs.Length);
        var successes = new List<T>(runs.Length);
        var failures = 0;
        foreach (var run in runs)
        {
            if (!run.Task.IsCompleted && !run.IsCut)
            {
                pending.Add(run);
            }
            else if (run.Task.IsCompletedSuccessfully && policy.IsSuccess(run.Task.Result))
            {
                successes.Add(run.Task.Result);
            }
            else
            {
                failures++;
            }
        }

        return (pending, successes, failures);
    }

    // Cuts every pending call whose patience is over; returns the time to the next cut, null = none is due before the calls' own deadline.
    private static TimeSpan? CutExpired<T>(
        List<Run<T>> pending, FanOutPolicy<T> policy, long startedAt, long? firstSuccessAt, long? quorumAt, long now, TimeProvider time)
    {
        TimeSpan? next = null;
        if (firstSuccessAt is not { } first)
        {
            return next;
        }

        foreach (var run in pending)
        {
            var left = quorumAt is { } quorum
                ? policy.Patience.AfterQuorum(time.GetElapsedTime(startedAt, quorum), run.Call.Learned?.Invoke())
                : policy.Patience.AfterFirstDraft(time.GetElapsedTime(startedAt, first), run.Call.Learned?.Invoke());
            if (left is not { } until)
            {
                continue;
            }

            var wait = until - time.GetElapsedTime(startedAt, now);
            if (wait <= TimeSpan.Zero)
            {
                run.Cut(time);
            }
            else if (next is null || wait < next)
            {
                next = wait;
            }
        }

        return next;
    }

    private static async Task WaitForChangeAsync<T>(List<Run<T>> pending, TimeSpan? nextCut, TimeProvider time, CancellationToken cancellationToken)
    {
        var tasks = new List<Task>(pending.Count + 1);
        tasks.AddRange(pending.Where(static r => !r.IsCut).Select(static r => r.Task));
        if (nextCut is not { } wait)
        {
            await Task.WhenAny(tasks).WaitAsync(cancellationToken);
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Delays are cut to whole milliseconds: what is left of a last one would be asked for again and again until it has passed.
        tasks.Add(Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, timer.Token));
        await Task.WhenAny(tasks);
        timer.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed class Run<T> : IDisposable
    {
        private readonly CancellationTokenSource _source;
        private long? _cutAt;

        public Run(FanOutCall<T> call, CancellationToken cancellationToken)
        {
            Call = call;
            _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task = call.Start(_source.Token);
        }

        public FanOutCall<T> Call { get; }

        public Task<T> Task { get; }

        public bool IsCut => _cutAt is not null;

        public void Cut(TimeProvider time)
        {
            _cutAt ??= time.GetTimestamp();
            _source.Cancel();
        }

        public FanOutResult<T> Result(TimeProvider time, long startedAt) => Task.IsCanceled
            ? new(default, WasCut: true, time.GetElapsedTime(startedAt, _cutAt ?? time.GetTimestamp()))
            : new(Task.GetAwaiter().GetResult(), WasCut: false, TimeSpan.Zero);

        public void Dispose() => _source.Dispose();
    }
}

/// <summary>One call of a fan-out.</summary>
/// <param name="Start">Starts the call; its token is cancelled when the call is cut.</param>
/// <param name="Learned">The call's own learned completion time; null or a null answer = not known yet.</param>
internal sealed record FanOutCall<T>(Func<CancellationToken, Task<T>> Start, Func<TimeSpan?>? Learned = null);

/// <summary>A call's value, or that it was cut after <paramref name="CutAfter"/>.</summary>
internal readonly record struct FanOutResult<T>(T? Value, bool WasCut, TimeSpan CutAfter);

/// <summary>When enough is enough.</summary>
internal sealed record FanOutPolicy<T>
{
    public required Func<T, bool> IsSuccess { get; init; }

    /// <summary>Successes wanted, given the calls that have not failed.</summary>
    public required Func<int, int> Quorum { get; init; }

    public required Patience Patience { get; init; }

    /// <summary>Given the successes so far and how many calls are pending: whether the rest can no longer matter.</summary>
    public Func<IReadOnlyList<T>, int, bool>? IsDecided { get; init; }
}

using Polly;
using Polly.Retry;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// Repeats an exchange that failed before its reply's head was accepted: up to a number of times, after a growing wait with jitter or the wait the
/// upstream asks for, and never when that wait would outlast the deadline or is longer than the operator wants one to be: then the failure is worth more now than
/// later. Thread-safe.
/// </summary>
internal sealed class RetryPipeline
{
    public static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(250);

    private static readonly ResiliencePropertyKey<Plan> PlanKey = new("synthwave.retry_plan");

    private readonly ResiliencePipeline<UpstreamReply> _pipeline;
    private readonly Func<double> _randomizer;
    private readonly int _retries;
    private readonly TimeSpan _maxWait;

    /// <param name="retries">Extra attempts.</param>
    /// <param name="maxWait">The longest wait before one of them.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="randomizer">0–1, for jitter.</param>
    public RetryPipeline(int retries, TimeSpan maxWait, TimeProvider time, Func<double> randomizer)
    {
        _maxWait = maxWait;
        _randomizer = randomizer;
        _retries = retries;
        var builder = new ResiliencePipelineBuilder<UpstreamReply> { TimeProvider = time };
        if (retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<UpstreamReply>
            {
                MaxRetryAttempts = retries,
                ShouldHandle = args => ValueTask.FromResult(ShouldRetry(args)),
                DelayGenerator = static args => ValueTask.FromResult<TimeSpan?>(args.Context.Properties.GetValue(PlanKey, null!).Wait),
            });
        }

        _pipeline = builder.Build();
    }

    /// <summary>
    /// Given the outcome of the last of <paramref name="made"/> exchanges, runs <paramref name="exchange"/> until it succeeds, the allowance is used up or
    /// <paramref name="takeRetry"/>, which is told the wait before it begins, refuses another; the last outcome counts. An outcome that needs no
    /// retry never enters the pipeline.
    /// </summary>
    public ValueTask<UpstreamReply> RunAsync<TState>(
        UpstreamReply last, int made, Deadline deadline, Func<TState, TimeSpan, bool> takeRetry, Func<TState, ValueTask<UpstreamReply>> exchange, TState state,
        CancellationToken cancellationToken) =>
        last is FaultedUpstreamReply { Fault: var fault } && fault.IsRetryable() ? RetryAsync(last, made, deadline, takeRetry, exchange, state, cancellationToken) : new(last);

    private async ValueTask<UpstreamReply> RetryAsync<TState>(
        UpstreamReply last, int made, Deadline deadline, Func<TState, TimeSpan, bool> takeRetry, Func<TState, ValueTask<UpstreamReply>> exchange, TState state,
        CancellationToken cancellationToken)
    {
        UpstreamReply? pending = last;
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(PlanKey, new Plan(made - 1, deadline, wait => takeRetry(state, wait)));
        try
        {
            return await _pipeline.ExecuteAsync(_ => Interlocked.Exchange(ref pending, null) is { } outcome ? new(outcome) : exchange(state), context).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private bool ShouldRetry(RetryPredicateArguments<UpstreamReply> args)
    {
        if (args.Outcome.Result is not FaultedUpstreamReply { Fault: var fault } || !fault.IsRetryable())
        {
            return false;
        }

        var plan = args.Context.Properties.GetValue(PlanKey, null!);
        var retries = plan.Retries + args.AttemptNumber;
        plan.Wait = fault.RetryAfter ?? Backoff(retries);

        // Asked after the last attempt too, and then there is nothing to take.
        return retries < _retries && plan.Wait <= _maxWait && plan.Wait < plan.Deadline.Remaining && plan.TakeRetry(plan.Wait);
    }

    // Half fixed, half random: callers that failed together come back apart, yet never at once.
    private TimeSpan Backoff(int attempt)
    {
        var wait = BaseDelay * Math.Pow(2, attempt) * (0.5 + (_randomizer() / 2));
        return wait < _maxWait ? wait : _maxWait;
    }

    /// <summary>What one call still has to spend on waiting.</summary>
    private sealed class Plan(int retries, Deadline deadline, Func<TimeSpan, bool> takeRetry)
    {
        public Func<TimeSpan, bool> TakeRetry => takeRetry;

        /// <summary>Made before this one began.</summary>
        public int Retries { get; } = retries;

        public Deadline Deadline { get; } = deadline;

        public TimeSpan Wait { get; set; }
    }
}

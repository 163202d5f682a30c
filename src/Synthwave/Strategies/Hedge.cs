using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>
/// A second call when the first one's answer is late: to the first content of a stream, to the end of a JSON answer.
/// <code>
/// first  ───────────────┬──────────────────────────► late? first with an answer wins
///                       after ──► second ──────────► the loser is cancelled and drained
/// </code>
/// Only what comes after <c>after</c> is hedged; a failure before it is the caller's to handle. Each hedge is taken from the upstream's budget and from the
/// request's caps; a resting upstream is not called.
/// </summary>
internal sealed class Hedge
{
    private const double LateQuantile = 0.95;

    private readonly IUpstream _upstream;
    private readonly TimeSpan _after;
    private readonly Dispatch _dispatch;

    private Hedge(IUpstream upstream, IUpstream with, TimeSpan after, UpstreamCall call, Dispatch dispatch)
    {
        _upstream = upstream;
        With = with;
        _after = after;
        Call = call with { IsHedge = true, MayRetry = false, IsLastChance = false, Label = null };
        _dispatch = dispatch;
    }

    /// <summary>Who is called second.</summary>
    public IUpstream With { get; }

    /// <summary>The second call.</summary>
    public UpstreamCall Call { get; }

    /// <summary>The hedge for <paramref name="call"/>; null = none is configured, or it is not known yet what late means.</summary>
    public static Hedge? Of(IUpstream upstream, UpstreamCall call, Dispatch dispatch)
    {
        if (upstream.Config.Hedge is not { } config)
        {
            return null;
        }

        upstream.HedgeBudget.Earn(config.Budget);
        var after = config.After ?? (call.Stream ? upstream.FirstContent : upstream.Latency).Quantile(LateQuantile);
        var with = config.With is { } name ? dispatch.FindUpstream(name) : upstream;
        // The body was made for the first one: who reads less of it is no stand-in, nor who cannot be sent it as it came where that is what it takes.
        var isAble = with is not null && dispatch.Views.ReadsNoLess(with.Config, upstream.Config) && (dispatch.Request.Foreign is null || with.Config.Protocol == upstream.Config.Protocol);
        return after is { } late && isAble ? new Hedge(upstream, with!, late, call, dispatch) : null;
    }

    /// <summary>
    /// Runs <paramref name="first"/>, and <paramref name="second"/> beside it if it is late and may be. Nothing but the winner runs on when this returns: its
    /// source of cancellation, which a stream still needs, is the caller's to dispose.
    /// </summary>
    public async Task<(T Result, IDisposable Source)> RunAsync<T>(
        Func<CancellationToken, Task<T>> first, Func<CancellationToken, Task<T>> second, CancellationToken cancellationToken)
        where T : class, IHedged
    {
        var startedAt = _dispatch.Clock.Time.GetTimestamp();
        var runs = new List<Run<T>> { new(first, cancellationToken) };
        Run<T>? winner = null;
        try
        {
            if (await IsLateAsync(runs[0].Task, cancellationToken) && TryTake())
            {
                runs.Add(new(second, cancellationToken));
            }

            winner = await FirstAnswerAsync(runs);
        }
        finally
        {
            foreach (var run in runs.Where(r => r != winner))
            {
                await run.GiveUpAsync();
            }
        }

        if (winner != runs[0])
        {
            // At least so long it would have taken: without this, late would come earlier with every hedge.
            (Call.Stream ? _upstream.FirstContent : _upstream.Latency).ObserveCut(_dispatch.Clock.Time.GetElapsedTime(startedAt));
        }

        return (await winner.Task, winner);
    }

    private async Task<bool> IsLateAsync(Task first, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = await Task.WhenAny(first, Task.Delay(_after, _dispatch.Clock.Time, waiting.Token)) == first;
        waiting.Cancel();
        return !ended && !cancellationToken.IsCancellationRequested;
    }

    private bool TryTake()
    {
        if (With.Resting is not null || _dispatch.Clock.Deadline.IsOver || !_upstream.HedgeBudget.TryTake())
        {
            return false;
        }

        if (_dispatch.TryTakeCall(With, Call.Body))
        {
            return true;
        }

        _upstream.HedgeBudget.Earn(1);
        return false;
    }

    // When all fail, what the first one says counts: it is the one the caller asked for.
    private static async Task<Run<T>> FirstAnswerAsync<T>(List<Run<T>> runs)
        where T : class, IHedged
    {
        var pending = new List<Run<T>>(runs);
        while (pending.Count > 0)
        {
            var ended = await Task.WhenAny(pending.Select(r => r.Task));
            var run = pending.Find(r => r.Task == ended)!;
            if ((await ended).IsAnswer)
            {
                return run;
            }

            pending.Remove(run);
        }

        return runs[0];
    }

    private sealed class Run<T> : IDisposable
        where T : class, IHedged
    {
        private readonly CancellationTokenSource _source;

        public Run(Func<CancellationToken, Task<T>> start, CancellationToken cancellationToken)
        {
            _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task = start(_source.Token);
        }

        public Task<T> Task { get; }

        public async ValueTask GiveUpAsync()
        {
            _source.Cancel();
            try
            {
                await (await Task).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // Which is what was asked for.
            }

            Dispose();
        }

        public void Dispose() => _source.Dispose();
    }
}

/// <summary>What a hedged call came to. Disposing gives it up.</summary>
internal interface IHedged : IAsyncDisposable
{
    /// <summary>False = the other call may still do better.</summary>
    bool IsAnswer { get; }
}

using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>
/// A buffered call whose reply is material for a strategy, not the answer itself: a judge's verdict, a call to be validated. Hedged like an answer where
/// the upstream is configured so, on the time to its end, since nothing of it is shown before.
/// </summary>
internal static class JudgedCall
{
    /// <summary>Makes the call and reads its reply; null = none, or one that <paramref name="read"/> could make nothing of.</summary>
    /// <param name="upstream">Who is asked.</param>
    /// <param name="call">Within the request's caps already.</param>
    /// <param name="dispatch">The request.</param>
    /// <param name="read">Pure but for the call's own report; told who replied. With a hedge both replies may be read at once.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<T?> RunAsync<T>(
        IUpstream upstream, UpstreamCall call, Dispatch dispatch, Func<IUpstream, CompleteUpstreamReply, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        if (Hedge.Of(upstream, call, dispatch) is not { } hedge)
        {
            return (await TryAsync(upstream, call, dispatch, read, cancellationToken)).Value;
        }

        var (winner, source) = await hedge.RunAsync(
            token => TryAsync(upstream, call, dispatch, read, token),
            token => TryAsync(hedge.With, hedge.Call, dispatch, read, token),
            cancellationToken);
        source.Dispose();
        winner.Call.HasWon = winner.Call.IsHedge && winner.IsAnswer;
        return winner.Value;
    }

    private static async Task<Judged<T>> TryAsync<T>(
        IUpstream upstream, UpstreamCall call, Dispatch dispatch, Func<IUpstream, CompleteUpstreamReply, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var reply = await upstream.CallAsync(call, dispatch.Report, cancellationToken);
        return new(reply.Call, reply is CompleteUpstreamReply complete ? read(upstream, complete) : null);
    }

    private sealed record Judged<T>(CallReport Call, T? Value) : IHedged
        where T : class
    {
        public bool IsAnswer => Value is not null;

        public ValueTask DisposeAsync() => default;
    }
}

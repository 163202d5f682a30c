using Synthwave.Chat.Completions;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>
/// What is better than an error where no member has an answer: the last refusal, else the last answer without a text whose finish reason says why. Clients
/// repeat a request that failed, and would never learn that there is no room, or a filter. Disposing gives it up. Used by one request's own flow.
/// </summary>
internal sealed class LastResort : IAsyncDisposable
{
    private PlannedAnswer? _planned;
    private AnswerCandidate? _kept;
    private bool _isRefusal;

    /// <summary>Keeps the better of what there is and <paramref name="candidate"/>, owned from now on.</summary>
    public async ValueTask OfferAsync(PlannedAnswer planned, AnswerCandidate candidate, bool isRefusal)
    {
        var isWorse = _isRefusal && !isRefusal;
        var dropped = isWorse ? candidate : _kept;
        if (!isWorse)
        {
            (_planned, _kept, _isRefusal) = (planned, candidate, isRefusal);
        }

        if (dropped is not null)
        {
            await dropped.DisposeAsync();
        }
    }

    /// <summary>Makes what was kept the answer; null = nothing was.</summary>
    public (IUpstream Member, ChatReply Reply)? Take(Dispatch dispatch)
    {
        if (_planned is not { } planned || _kept?.Adopt(dispatch).Value is not { } reply)
        {
            return null;
        }

        if (planned.Clamped is { } name)
        {
            dispatch.Report.Clamp(name);
        }

        return (planned.Upstream, reply);
    }

    public ValueTask DisposeAsync() => _kept?.DisposeAsync() ?? default;
}

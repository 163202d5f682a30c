using Synthwave.Configuration;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Voting;

/// <summary>Asks one upstream for its vote.</summary>
internal sealed class Voter(IUpstream upstream, RescuePolicy rescue)
{
    private const string CutOff = "length";

    public IUpstream Upstream => upstream;

    /// <summary>Its ballot. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<Ballot> AskAsync(int place, UpstreamCall call, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var reply = await upstream.CallAsync(dispatch.WithinCaps(call, upstream), dispatch.Report, cancellationToken);
        return reply switch
        {
            FaultedUpstreamReply faulted => new(place, null, faulted.Fault.ReportReason()),
            CompleteUpstreamReply complete => Read(place, complete, dispatch),
            _ => throw new InvalidOperationException("A buffered call gave a stream."),
        };
    }

    private Ballot Read(int place, CompleteUpstreamReply complete, Dispatch dispatch)
    {
        var policy = dispatch.PolicyFor(upstream.Config, exposeReasoning: false, rescue: rescue is RescuePolicy.Always) with { Brand = null };
        if (complete.Clean(policy) is not { Completion.Message: not null } clean)
        {
            var malformed = new UpstreamFault(UpstreamFaultKind.Malformed).ReportReason();
            complete.Call.Demote(malformed);
            return new(place, null, malformed);
        }

        AnswerFacts.Of(clean).NoteIn(complete.Call);

        // Reasoning that was cut off has not come to its conclusion yet, whatever words it holds.
        return clean is { IsRescued: true, FinishReason: CutOff } || VoteText.Read(clean.Completion.Text) is not { } yes
            ? Ballot.Unparseable(place)
            : new(place, yes, null);
    }
}

using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Strategies.Cascade;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Embeddings;

/// <summary>
/// Members are tried in order until one gives a vector for every input, as a cascade's are for a chat. Vectors of different models cannot be compared, so
/// the members of such a cascade should serve one model.
/// </summary>
/// <param name="members">At least one that speaks embeddings.</param>
/// <param name="profileCaps">What the operator lets a request spend.</param>
/// <param name="cascade">Whose members they are; null = the one upstream was asked for itself, and its failure is told as its own.</param>
/// <param name="maxBytes">Largest answer.</param>
internal sealed class EmbeddingsCascade(ImmutableArray<IUpstream> members, CapsConfig profileCaps, CascadeProfileConfig? cascade, long maxBytes)
{
    private readonly InOrderRules _rules = cascade is null ? default : CascadeStrategy.RulesOf(cascade);

    /// <summary>Answers, filling <paramref name="report"/>. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<ChatReply> RunAsync(EmbeddingsRequest request, Deadline deadline, DispatchReport report, CancellationToken cancellationToken)
    {
        report.PromptTokensIn = report.PromptTokensOut = request.PromptTokens;
        report.CompactedN = 0;
        report.ToolsTokens = 0;

        // A window holds one input, and a request may bring many.
        var choice = MemberChoice.Of(members, static _ => true);
        var spending = Spending.Of(RequestCaps.Of(profileCaps, request.Extension));
        var caps = CapPlanner.Sequence(spending.Caps, [.. choice.Members.Select(m => CostOf(m, request))]);
        if (caps.Error is { } error)
        {
            return new FailedReply(error with { Param = "x_meta_model" });
        }

        spending.Take(caps);
        foreach (var step in caps.Degraded)
        {
            report.Degrade(step);
        }

        var attempts = new Attempts { Skipped = choice.Skipped };
        report.CascadeTried = cascade is null ? [] : attempts.Tried;
        var reply = await InOrder.RunAsync(
            [.. caps.Members.Select(i => choice.Members[i])], deadline, _rules, attempts, turn => AskAsync(turn, request, spending, report, cancellationToken));
        if (cascade is not null)
        {
            CascadeExhaustion.Note(report, attempts);
            return reply ?? new FailedReply(CascadeExhaustion.ToError(attempts, cascade.Structured502));
        }

        return reply ?? (attempts.Telling is { } failed
            ? new FailedReply(failed.Fault.ToGatewayError(failed.Member.Config.Name), failed.Fault.MayRelayBody ? failed.Fault.ErrorBody : null)
            : new FailedReply(new UpstreamFault(UpstreamFaultKind.TimedOut).ToGatewayError(members[0].Config.Name)));
    }

    // A vector costs its prompt alone.
    private static CappedCall CostOf(IUpstream member, EmbeddingsRequest request) =>
        new(member.Config.Name, CallEstimate.WorstCaseUsd(member.Config, request.PromptTokens, 0));

    private async Task<Result<ChatReply, UpstreamFault>> AskAsync(
        Turn turn, EmbeddingsRequest request, Spending spending, DispatchReport report, CancellationToken cancellationToken)
    {
        var reply = await turn.Member.CallAsync(
            new UpstreamCall
            {
                Operation = UpstreamOperation.Embeddings,
                Body = request.Body,
                Role = CallRole.Member,
                Deadline = turn.Deadline,
                MayRetry = turn.IsLast,
                TakeRetry = () => spending.Allowance.TryTake(CostOf(turn.Member, request).WorstCaseUsd),
                IsLastChance = turn.IsLast,
            },
            report,
            cancellationToken);
        if (reply is not CompleteUpstreamReply complete)
        {
            return ((FaultedUpstreamReply)reply).Fault;
        }

        var isTooLarge = false;
        if ((complete.Embeddings ?? EmbeddingsReply.Read(complete.Body.Span)) is { } found && request.IsAnsweredBy(found.Count)
            && (request.Form is { } form ? VectorForms.Fit(complete.Body, found, form, maxBytes, out isTooLarge) : complete.Body) is { } body)
        {
            return new CompleteReply(complete.Status, body);
        }

        var fault = isTooLarge ? new UpstreamFault(UpstreamFaultKind.TooLarge) { Limit = SizeLimit.Embeddings(maxBytes) } : new UpstreamFault(UpstreamFaultKind.Malformed);
        reply.Call.Demote(fault.ReportReason());
        return fault;
    }
}

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
/// Members are tried in order until one gives a vector for every input. The rules of a chat cascade hold: each attempt has its share of the time, only the
/// last is retried, a 400 or 422 ends it. Vectors of different models cannot be compared, so the members of such a cascade should serve one model.
/// </summary>
internal sealed class EmbeddingsCascade(ImmutableArray<IUpstream> members, CapsConfig profileCaps, bool structured502, bool rotateOnClientError)
{
    private static readonly TimeSpan LeastAttempt = TimeSpan.FromSeconds(1);

    /// <summary>Answers, filling <paramref name="report"/>. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<ChatReply> RunAsync(EmbeddingsRequest request, Deadline deadline, DispatchReport report, CancellationToken cancellationToken)
    {
        report.PromptTokensIn = report.PromptTokensOut = request.PromptTokens;
        report.CompactedN = 0;
        report.ToolsTokens = 0;
        var allowance = new CallAllowance(RequestCaps.Of(profileCaps, request.Extension));
        var failures = new CascadeFailures([]);
        UpstreamFault? last = null;
        var tried = new List<string>(members.Length);
        for (var i = 0; i < members.Length; i++)
        {
            var member = members[i];
            var isLast = i == members.Length - 1;
            if (deadline.IsOver)
            {
                failures.AddDeadline();
                break;
            }

            // A vector costs its prompt alone.
            var worst = CallEstimate.WorstCaseUsd(member.Config, request.PromptTokens, 0);
            if (!allowance.TryTake(worst))
            {
                if (tried.Count == 0)
                {
                    return new FailedReply(GatewayError.BadRequest("cap_unsatisfiable", "The caps do not allow a single call.", "x_meta_model"));
                }

                break;
            }

            tried.Add(member.Config.Name);
            var reply = await CallAsync(member, request, deadline.Share(members.Length - i, LeastAttempt), isLast, () => allowance.TryTake(worst), report, cancellationToken);
            if (reply is CompleteUpstreamReply complete)
            {
                if (members.Length > 1)
                {
                    (report.CascadeTried, report.CascadeWinner, report.CascadeAttempts) = (tried, member.Config.Name, failures.Attempts);
                }

                return new CompleteReply(complete.Status, complete.Body);
            }

            last = ((FaultedUpstreamReply)reply).Fault;
            failures.Add(member.Config.Name, last);
            if (last.Kind is UpstreamFaultKind.BadRequest && !rotateOnClientError)
            {
                break;
            }
        }

        if (members.Length == 1 && last is { } fault)
        {
            return new FailedReply(fault.ToGatewayError(members[0].Config.Name), fault.MayRelayBody ? fault.ErrorBody : null);
        }

        (report.CascadeTried, report.CascadeAttempts) = (tried, failures.Attempts);
        (report.CascadeLastDetail, report.CascadeLastStatus) = (failures.LastDetail, failures.LastStatus);
        return new FailedReply(failures.ToError(structured502));
    }

    private static async Task<UpstreamReply> CallAsync(
        IUpstream member, EmbeddingsRequest request, Deadline deadline, bool isLast, Func<bool> takeRetry, DispatchReport report, CancellationToken cancellationToken)
    {
        var reply = await member.CallAsync(
            new UpstreamCall
            {
                Operation = UpstreamOperation.Embeddings,
                Body = request.Body,
                Role = CallRole.Member,
                Deadline = deadline,
                MayRetry = isLast,
                TakeRetry = takeRetry,
                IsLastChance = isLast,
            },
            report,
            cancellationToken);
        if (reply is CompleteUpstreamReply complete && EmbeddingsReply.Read(complete.Body.Span)?.Count != request.Inputs)
        {
            var fault = new UpstreamFault(UpstreamFaultKind.Malformed);
            reply.Call.Demote(fault.ReportReason());
            return new FaultedUpstreamReply(fault) { Call = reply.Call };
        }

        return reply;
    }
}

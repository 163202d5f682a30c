using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Strategies.Cascade;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Completions;

/// <summary>Members that continue texts are tried in order until one does. What they are sent, and what they say, is not looked into.</summary>
/// <param name="members">At least one.</param>
/// <param name="profileCaps">What the operator lets a request spend.</param>
/// <param name="cascade">Whose members they are; null = the one upstream was asked for itself, and its failure is told as its own.</param>
internal sealed class CompletionsCascade(ImmutableArray<IUpstream> members, CapsConfig profileCaps, CascadeProfileConfig? cascade)
{
    private readonly InOrderRules _rules = cascade is null ? default : CascadeStrategy.RulesOf(cascade);

    /// <summary>Answers, filling <paramref name="report"/>. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<ChatReply> RunAsync(CompletionsRequest request, ServerConfig server, TimeProvider time, DispatchReport report, CancellationToken cancellationToken)
    {
        report.PromptTokensIn = report.PromptTokensOut = request.PromptTokens;
        report.CompactedN = 0;
        report.ToolsTokens = 0;

        var caps = RequestCaps.Of(profileCaps, request.Extension);
        var deadline = Deadline.After(time, server.RequestTimeout);
        deadline = caps.MaxLatency is { } latency ? deadline.Hurry(latency - time.GetElapsedTime(report.StartedAt)) : deadline;
        var clock = new RequestClock(time, report.StartedAt, deadline) { MaxLatency = caps.MaxLatency, MaxStream = server.MaxStream };
        var choice = MemberChoice.Of(members, static _ => true);
        var spending = Spending.Of(caps);
        var plan = CapPlanner.Sequence(spending.Caps, [.. choice.Members.Select(m => CostOf(m, request))]);
        if (plan.Error is { } error)
        {
            return new FailedReply(error with { Param = "x_meta_model" });
        }

        spending.Take(plan);
        foreach (var step in plan.Degraded)
        {
            report.Degrade(step);
        }

        var attempts = new Attempts { Skipped = choice.Skipped };
        report.CascadeTried = cascade is null ? [] : attempts.Tried;
        var reply = await InOrder.RunAsync(
            [.. plan.Members.Select(i => choice.Members[i])], deadline, _rules, attempts, turn => AskAsync(turn, request, server.ModelName, clock, spending, report, cancellationToken));
        if (cascade is not null)
        {
            CascadeExhaustion.Note(report, attempts);
            return reply ?? new FailedReply(CascadeExhaustion.ToError(attempts, cascade.Structured502));
        }

        return reply ?? (attempts.Telling is { } failed
            ? new FailedReply(failed.Fault.ToGatewayError(failed.Member.Config.Name), failed.Fault.MayRelayBody ? failed.Fault.ErrorBody : null)
            : new FailedReply(new UpstreamFault(UpstreamFaultKind.TimedOut).ToGatewayError(members[0].Config.Name)));
    }

    private static CappedCall CostOf(IUpstream member, CompletionsRequest request) => new(
        member.Config.Name,
        CallEstimate.WorstCaseUsd(member.Config, request.PromptTokens, CallEstimate.OutputTokens(member.Config, CallEstimate.LimitIn(request.Body)) * request.Choices));

    private static async Task<Result<ChatReply, UpstreamFault>> AskAsync(
        Turn turn, CompletionsRequest request, string? brand, RequestClock clock, Spending spending, DispatchReport report, CancellationToken cancellationToken)
    {
        var call = new UpstreamCall
        {
            Operation = UpstreamOperation.Completions,
            Body = OutputCap.Lower(request.Body, turn.Member.Config, out var lowered),
            Role = CallRole.Member,
            Deadline = turn.Deadline,
            Stream = request.Stream,
            MayRetry = turn.IsLast,
            TakeRetry = () => spending.Allowance.TryTake(CostOf(turn.Member, request).WorstCaseUsd),
            IsLastChance = turn.IsLast,
        };
        Result<ChatReply, UpstreamFault> result;
        while (true)
        {
            var reply = await turn.Member.CallAsync(call, report, cancellationToken);
            result = reply is FaultedUpstreamReply faulted ? faulted.Fault : await ReadAsync(reply, request, turn.Member.Config.Name, brand, clock, cancellationToken);
            if (call.Again(reply, result.Error) is not { } again)
            {
                break;
            }

            call = again;
        }

        if (result.IsOk)
        {
            report.FirstContentAt ??= clock.Time.GetTimestamp();
            if (lowered is not null)
            {
                report.Clamp(lowered);
            }
        }

        return result;
    }

    private static async ValueTask<Result<ChatReply, UpstreamFault>> ReadAsync(
        UpstreamReply reply, CompletionsRequest request, string upstream, string? brand, RequestClock clock, CancellationToken cancellationToken)
    {
        if (reply is StreamingUpstreamReply streaming)
        {
            var stream = new RelayedCompletion(streaming.Stream, upstream, brand);
            var isKept = false;
            try
            {
                if (await stream.BeginAsync(cancellationToken))
                {
                    streaming.Stream.Commit(clock.RemainingStreamTime());
                    isKept = true;
                    return new StreamReply(stream);
                }

                return streaming.Stream.Fault ?? Malformed(reply);
            }
            finally
            {
                if (!isKept)
                {
                    await stream.DisposeAsync();
                }
            }
        }

        // A document where events were asked for cannot be told as such.
        var complete = (CompleteUpstreamReply)reply;
        return request.Stream ? Malformed(reply)
            : new CompleteReply(complete.Status, brand is null ? complete.Body : CompletionEditor.WithModel(complete.Body, brand));
    }

    private static UpstreamFault Malformed(UpstreamReply reply)
    {
        var fault = new UpstreamFault(UpstreamFaultKind.Malformed);
        reply.Call.Demote(fault.ReportReason());
        return fault;
    }
}

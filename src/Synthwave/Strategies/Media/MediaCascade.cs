using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Media;

/// <summary>
/// Images, video or audio for a profile whose own members cannot read them: the server's endpoints for the kind are tried in order, sharing the time, until
/// one gives a usable answer. A 400 or 422 ends it: the request is at fault, not the endpoint.
/// </summary>
/// <param name="kind"><c>vision</c>, <c>video</c> or <c>audio</c>: the list asked, and the word in codes and headers.</param>
/// <param name="endpoints">Those of the list that can read all the request needs; never empty.</param>
/// <param name="profile">What the answer calls its model without a brand.</param>
/// <param name="exposeReasoning">The profile's.</param>
internal sealed class MediaCascade(string kind, ImmutableArray<IUpstream> endpoints, string profile, bool exposeReasoning) : IStrategy
{
    private static readonly TimeSpan LeastAttempt = TimeSpan.FromSeconds(1);

    public string Name => "multimodal";

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        report.CompactedN = 0;
        report.PromptTokensIn = report.PromptTokensOut = dispatch.PromptTokens;
        report.ToolsTokens = dispatch.Request.ToolsTokens;

        // Who can call functions goes first where there are any to call.
        ImmutableArray<IUpstream> ordered = dispatch.Request.HasTools ? [.. endpoints.OrderByDescending(e => e.Config.SupportsFunctionCalling)] : endpoints;
        var caps = CapPlanner.Sequence(dispatch.Caps, [.. ordered.Select(e => dispatch.CallTo(e, dispatch.Request.ToolsTokens))]);
        if (dispatch.Adopt(caps) is { } refusal)
        {
            return refusal;
        }

        ImmutableArray<IUpstream> members = [.. caps.Members.Select(i => ordered[i])];
        var attempts = new List<KeyValuePair<string, string>>(members.Length);
        (IUpstream Endpoint, UpstreamFault Fault)? last = null;
        (IUpstream Endpoint, UpstreamFault Fault)? limited = null;
        for (var i = 0; i < members.Length; i++)
        {
            var endpoint = members[i];
            if (dispatch.Deadline.IsOver)
            {
                attempts.Add(new(endpoint.Config.Name, "deadline_exceeded"));
                break;
            }

            var attempt = await TryAsync(endpoint, members.Length - i, dispatch, cancellationToken);
            if (attempt.Reply is { } reply)
            {
                attempts.Add(new(endpoint.Config.Name, "200"));
                report.Media = new MediaReport { Path = kind, Upstream = endpoint.Config.Name, Attempts = attempts };
                return reply;
            }

            var fault = attempt.Fault!;
            last = (endpoint, fault);
            limited = fault is { Kind: UpstreamFaultKind.RateLimited, RetryAfter: not null } ? last : limited;
            attempts.Add(new(endpoint.Config.Name, StatusOf(fault)?.ToString(CultureInfo.InvariantCulture) ?? "transport_error"));
            if (fault.Kind is UpstreamFaultKind.BadRequest)
            {
                break;
            }
        }

        report.Media = new MediaReport { Path = kind, Attempts = attempts };

        // When to come back tells a client more than whatever came after it.
        return (limited ?? last) is { } telling ? Fail(telling.Endpoint, telling.Fault) : new FailedReply(Unreachable());
    }

    private Task<Attempt> TryAsync(IUpstream endpoint, int left, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var isLast = left == 1;
        var call = new UpstreamCall
        {
            Body = dispatch.ViewFor(endpoint.Config).Body,
            Role = CallRole.Member,
            Deadline = dispatch.Deadline.Share(left, LeastAttempt),
            Stream = dispatch.Request.Stream,
            MayRetry = isLast,
            IsLastChance = isLast,
        };
        var policy = dispatch.PolicyFor(endpoint.Config, dispatch.ShowsReasoning(exposeReasoning), rescue: true) with
        {
            Brand = dispatch.Server.ModelName ?? profile,
            IsContractBinding = !isLast,
        };
        return AnswerCall.RunAsync(endpoint, call, policy, acceptBlank: false, dispatch, cancellationToken);
    }

    // An answer that was none came with a 200 all the same.
    private static int? StatusOf(UpstreamFault fault) => fault.Status ?? fault.Kind switch
    {
        UpstreamFaultKind.Malformed or UpstreamFaultKind.Blank or UpstreamFaultKind.TooLarge or UpstreamFaultKind.StreamBroken or UpstreamFaultKind.UndeclaredTool
            or UpstreamFaultKind.ToolRequiredUnmet or UpstreamFaultKind.ToolChoiceUnmet => 200,
        _ => null,
    };

    private GatewayError Unreachable() => new(502, $"{kind}_cascade_unreachable", $"No {kind} endpoint could be reached in time.");

    private FailedReply Fail(IUpstream author, UpstreamFault fault) => StatusOf(fault) switch
    {
        null => new FailedReply(Unreachable()),
        < 300 => new FailedReply(new GatewayError(502, "upstream_protocol_error", $"No {kind} endpoint gave a usable answer.")),
        var status => new FailedReply(
            fault.ToGatewayError(author.Config.Name) with { Code = $"{kind}_cascade_exhausted", Message = $"No {kind} endpoint gave a usable answer; {author.Config.Name} said HTTP {status}." },
            fault.MayRelayBody ? fault.ErrorBody : null),
    };
}

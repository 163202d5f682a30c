using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Media;

/// <summary>
/// Images, video or audio for a profile whose own members cannot read them: the server's endpoints for the kind are tried in order, as a cascade's members
/// are, until one gives a usable answer.
/// </summary>
/// <param name="kind"><c>vision</c>, <c>video</c> or <c>audio</c>: the list asked, and the word in codes and headers.</param>
/// <param name="endpoints">Those of the list that can read all the request needs; never empty.</param>
/// <param name="profile">What the answer calls its model without a brand.</param>
/// <param name="exposeReasoning">The profile's.</param>
internal sealed class MediaCascade(string kind, ImmutableArray<IUpstream> endpoints, string profile, bool exposeReasoning) : IStrategy
{
    public StrategyKind Kind => MultimodalKind.Instance;

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        // Who can call functions goes first where there are any to call.
        ImmutableArray<IUpstream> ordered = dispatch.Request.HasTools ? [.. endpoints.OrderByDescending(e => e.Config.SupportsFunctionCalling)] : endpoints;
        var attempts = new Attempts();
        var reply = await ChatInOrder.RunAsync(ordered, default, attempts, turn => PolicyOf(turn, dispatch), dispatch, cancellationToken);
        if (reply is not null && attempts.Winner is null)
        {
            // The caps allow no call.
            return reply;
        }

        dispatch.Report.Media = new MediaReport { Path = kind, Upstream = attempts.Winner?.Config.Name, Attempts = Words(attempts) };
        return reply ?? Fail(attempts.Telling);
    }

    private AnswerPolicy PolicyOf(Turn turn, Dispatch dispatch) =>
        dispatch.PolicyFor(turn.Member.Config, dispatch.ShowsReasoning(exposeReasoning), rescue: true) with { Brand = dispatch.Server.ModelName ?? profile };

    // By status, the winner included; who was left out by its reason.
    private static KeyValuePair<string, string>[] Words(Attempts attempts) =>
    [
        .. attempts.Skipped,
        .. attempts.Failed.Select(a => KeyValuePair.Create(a.Member.Config.Name, StatusOf(a.Fault)?.ToString(CultureInfo.InvariantCulture) ?? "transport_error")),
        .. attempts.Unreached is { } unreached ? [KeyValuePair.Create(unreached.Config.Name, "deadline_exceeded")] : Array.Empty<KeyValuePair<string, string>>(),
        .. attempts.Winner is { } winner ? [KeyValuePair.Create(winner.Config.Name, "200")] : Array.Empty<KeyValuePair<string, string>>(),
    ];

    // An answer that was none came with a 200 all the same.
    private static int? StatusOf(UpstreamFault fault) => fault.Status ?? fault.Kind switch
    {
        UpstreamFaultKind.Malformed or UpstreamFaultKind.Blank or UpstreamFaultKind.Refused or UpstreamFaultKind.TooLarge or UpstreamFaultKind.StreamBroken or UpstreamFaultKind.UndeclaredTool
            or UpstreamFaultKind.ToolRequiredUnmet or UpstreamFaultKind.ToolChoiceUnmet => 200,
        _ => null,
    };

    private GatewayError Unreachable() => new(502, $"{kind}_cascade_unreachable", $"No {kind} endpoint could be reached in time.");

    private FailedReply Fail(FailedAttempt? telling) => telling is { Fault: { } fault, Member.Config.Name: var author } && StatusOf(fault) is { } status
        ? status < 300
            ? new FailedReply(new GatewayError(
                502, "upstream_protocol_error", fault.Limit is null ? $"No {kind} endpoint gave a usable answer." : $"No {kind} endpoint gave a usable answer. {fault.ToGatewayError(author).Message}"))
            : new FailedReply(
                fault.ToGatewayError(author) with { Code = $"{kind}_cascade_exhausted", Message = $"No {kind} endpoint gave a usable answer; {author} said HTTP {status}." },
                fault.MayRelayBody ? fault.ErrorBody : null)
        : new FailedReply(Unreachable());
}

using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Chat;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Media;

/// <summary>
/// Images, video or audio for a profile whose own members cannot read them: the server's endpoints for the kind are tried in order, sharing the time, until
/// one gives a usable answer. A 400 or 422 ends it: the request is at fault, not the endpoint.
/// </summary>
/// <param name="kind"><c>vision</c>, <c>video</c> or <c>audio</c>: the list asked, and the word in codes and headers.</param>
/// <param name="endpoints">Those of the list that can read all the request holds; never empty.</param>
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
        var ordered = dispatch.Request.HasTools ? [.. endpoints.OrderByDescending(e => e.Config.SupportsFunctionCalling)] : endpoints;
        var attempts = new List<KeyValuePair<string, string>>();
        UpstreamFault? last = null;
        for (var i = 0; i < ordered.Length; i++)
        {
            var endpoint = ordered[i];
            if (dispatch.Deadline.IsOver)
            {
                attempts.Add(new(endpoint.Config.Name, "deadline_exceeded"));
                break;
            }

            if (!dispatch.TryTakeCall(endpoint, dispatch.Body))
            {
                break;
            }

            var isLast = i == ordered.Length - 1;
            var call = new UpstreamCall
            {
                Body = dispatch.Body,
                Role = CallRole.Member,
                Deadline = dispatch.Deadline.Share(ordered.Length - i, LeastAttempt),
                Stream = dispatch.Request.Stream,
                MayRetry = isLast,
                IsLastChance = isLast,
            };
            var policy = dispatch.PolicyFor(endpoint.Config, dispatch.ShowsReasoning(exposeReasoning), rescue: true) with { Brand = dispatch.Server.ModelName ?? profile };
            var attempt = await AnswerCall.RunAsync(endpoint, call, policy with { IsContractBinding = !isLast }, acceptBlank: false, dispatch, cancellationToken);
            if (attempt.Reply is { } reply)
            {
                attempts.Add(new(endpoint.Config.Name, "200"));
                report.Media = new MediaReport { Path = kind, Upstream = endpoint.Config.Name, Attempts = attempts };
                return reply;
            }

            last = attempt.Fault!;
            attempts.Add(new(endpoint.Config.Name, last.Status?.ToString(CultureInfo.InvariantCulture) ?? "transport_error"));
            if (last.Kind is UpstreamFaultKind.BadRequest)
            {
                break;
            }
        }

        report.Media = new MediaReport { Path = kind, Attempts = attempts };
        return Fail(last, ordered);
    }

    private FailedReply Fail(UpstreamFault? last, ImmutableArray<IUpstream> ordered)
    {
        if (last?.Status is not (>= 300 and var status))
        {
            return new FailedReply(new GatewayError(502, $"{kind}_cascade_unreachable", $"No {kind} endpoint could be reached, or none gave a usable answer."));
        }

        var told = last.ToGatewayError(ordered[^1].Config.Name);
        return new FailedReply(
            told with { Code = $"{kind}_cascade_exhausted", Message = $"No {kind} endpoint gave a usable answer; the last one said HTTP {status}." },
            last.MayRelayBody ? last.ErrorBody : null);
    }
}

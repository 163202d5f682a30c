using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Configuration.Names;
using Synthwave.Strategies;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>
/// Request → route → reply.
/// <code>
/// name ──► profile ──► modality ──► strategy ──► reply
///   404 model_not_found · 400 feature_disabled · 501 …_not_supported
/// </code>
/// </summary>
internal sealed class ProfileDispatcher(TimeProvider time)
{
    /// <summary>What can be judged from the request alone: the route, or the error.</summary>
    public static RoutePlan Plan(GatewayRuntime runtime, ChatRequest request, DispatchReport report)
    {
        var target = request.Target;
        switch (runtime.Names.Resolve(target))
        {
            case NameMatch.VotingDisabled voting:
                return new(null, GatewayError.BadRequest(
                    "feature_disabled", $"Profile '{Clip(voting.Profile.Name)}' votes, and voting is off: set [features] voting = true."));
            case NameMatch.Found found:
                return PlanRoute(runtime.RouteTo(found.Profile), request, report);
            case NameMatch.Raw raw:
                return PlanRoute(runtime.RouteTo(raw.Upstream), request, report);
            default:
                return new(null, ModelNotFound(target));
        }
    }

    /// <summary>404 as every endpoint says it.</summary>
    public static GatewayError ModelNotFound(string target) =>
        new(404, "model_not_found", $"No profile, alias or upstream is named '{Clip(target)}'. GET /v1/models lists what can be asked for.") { Param = "model" };

    /// <summary>Runs the planned route. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<ChatReply> RunAsync(
        GatewayRuntime runtime, Route route, ChatRequest request, DispatchReport report, CancellationToken cancellationToken)
    {
        var server = runtime.Config.Server;
        var caps = RequestCaps.Of(route.Caps, request.Extension);
        var deadline = Deadline.After(time, server.RequestTimeout);
        if (caps.MaxLatency is { } latency)
        {
            deadline = deadline.Hurry(latency - time.GetElapsedTime(report.StartedAt));
        }

        var dispatch = new Dispatch
        {
            Request = request,
            Body = runtime.SystemMessage.IsEmpty ? request.Body : request.Body.WithLeadingMessages(runtime.SystemMessage),
            Deadline = deadline,
            Report = report,
            Server = server,
            Time = time,
            PromptTokens = request.PromptTokens + runtime.SystemPromptTokens,
            Caps = caps,
            Allowance = new CallAllowance(caps),
            FindUpstream = runtime.Upstreams.Find,
        };
        var reply = await route.Strategy.RunAsync(dispatch, cancellationToken);
        return reply is FailedReply && LatencyCap.IsReason(dispatch) ? new FailedReply(LatencyCap.Error) : reply;
    }

    private static RoutePlan PlanRoute(Route route, ChatRequest request, DispatchReport report)
    {
        report.Profile = route.Name;
        report.Strategy = route.Strategy.Name;
        foreach (var (modality, kind) in (ReadOnlySpan<(Modalities, string)>)[(Modalities.Image, "vision"), (Modalities.Video, "video"), (Modalities.Audio, "audio")])
        {
            if (request.Modalities.HasFlag(modality))
            {
                return new(null, new GatewayError(501, $"{kind}_not_supported", $"This server has no route for {modality.ToString().ToLowerInvariant()} parts ([{kind}] endpoints).")
                {
                    Type = "invalid_request_error",
                });
            }
        }

        return new(route, null);
    }

    private static string Clip(string name) => name.Length <= 64 ? name : $"{name.AsSpan(0, 63)}…";
}

/// <summary>Either a route or an error.</summary>
internal readonly record struct RoutePlan(Route? Route, GatewayError? Error);

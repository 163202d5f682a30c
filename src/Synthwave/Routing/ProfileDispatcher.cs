using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.Strategies;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>
/// Request → route → reply.
/// <code>
/// name ──► profile ──► modality ──► strategy ──► reply
///   404 model_not_found · 400 feature_disabled · 400 what nobody asked could be sent as it came · 501 …_not_supported
/// </code>
/// </summary>
internal sealed class ProfileDispatcher(TimeProvider time)
{
    /// <summary>What can be judged from the request alone: the route, or the error.</summary>
    public static Result<Route, GatewayError> Plan(GatewayRuntime runtime, ChatRequest request, DispatchReport report)
    {
        var match = runtime.Names.Resolve(request.Target);
        return match.Callable is { } profile ? PlanRoute(runtime, runtime.RouteTo(profile), request, report) : Refusal(match, request.Target);
    }

    /// <summary>Why nobody answers to a name: it is unknown, or its profile is switched off.</summary>
    public static GatewayError Refusal(NameMatch match, string target) => match is NameMatch.VotingDisabled voting ? VotingDisabled(voting.Profile.Name) : ModelNotFound(target);

    /// <summary>404 as every endpoint says it.</summary>
    public static GatewayError ModelNotFound(string target) =>
        new(404, "model_not_found", $"No profile, alias or upstream is named '{Clip(target)}'. GET /v1/models lists what can be asked for.") { Param = "model" };

    /// <summary>400 for a voting profile while voting is off.</summary>
    public static GatewayError VotingDisabled(string profile) =>
        GatewayError.BadRequest("feature_disabled", $"Profile '{Clip(profile)}' votes, and voting is off: set [features] voting = true.");

    /// <summary>Runs the planned route. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public Task<ChatReply> RunAsync(
        GatewayRuntime runtime, Route route, ChatRequest request, DispatchReport report, CancellationToken cancellationToken)
    {
        var server = runtime.Config.Server;
        var caps = RequestCaps.Of(route.Profile.Caps, request.Extension);
        var deadline = Deadline.After(time, server.RequestTimeout);
        if (caps.MaxLatency is { } latency)
        {
            deadline = deadline.Hurry(latency - time.GetElapsedTime(report.StartedAt));
        }

        var body = runtime.SystemMessage.IsEmpty ? request.Body : request.Body.WithLeadingMessages(runtime.SystemMessage);
        var dispatch = new Dispatch
        {
            Request = request,
            Views = new MemberViews(new(body, request.PromptTokens + runtime.SystemPromptTokens), request.Modalities, request.NewestModalities, route.Profile.PassesOn, runtime.Media.DescriberFor(request.Modalities, report.Caller.Owner)),
            Clock = new RequestClock(time, report.StartedAt, deadline) { MaxLatency = caps.MaxLatency, MaxStream = server.MaxStream },
            Report = report,
            Server = server,
            Spending = Spending.Of(caps),
            FindUpstream = runtime.FindUpstream,
        };
        return caps.MaxLatency is null ? route.Strategy.RunAsync(dispatch, cancellationToken) : RunWithinAsync(route.Strategy, dispatch, cancellationToken);
    }

    private static async Task<ChatReply> RunWithinAsync(IStrategy strategy, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var reply = await strategy.RunAsync(dispatch, cancellationToken);
        return reply is FailedReply && LatencyCap.IsReason(dispatch) ? new FailedReply(LatencyCap.Error) : reply;
    }

    private static Result<Route, GatewayError> PlanRoute(GatewayRuntime runtime, Route route, ChatRequest request, DispatchReport report)
    {
        report.Profile = route.Name;
        report.Strategy = route.Strategy.Kind;
        var foreign = request.Foreign;
        if (foreign is { Param: { } member } && request.OnlyToolsAreForeign && route.Strategy.Kind.IgnoresTools)
        {
            report.Ignore(member);
            foreign = null;
        }

        if (request.Modalities is Modalities.Text && foreign is null)
        {
            return route;
        }

        var server = runtime.Config.Server;
        if (request.Modalities is not Modalities.Text && request.Body.TryGet("messages", out var messages))
        {
            if (MediaParts.Check(messages, server.MaxMediaParts, server.MaxMediaBytes, out var source) is { } problem)
            {
                return problem;
            }

            foreign ??= source;
        }

        // Pictures of earlier turns do not decide who answers.
        var able = request.NewestModalities is Modalities.Text && foreign is null ? route : runtime.Media.Find(route, request.NewestModalities, foreign is not null);
        if (able is not null)
        {
            report.Strategy = able.Strategy.Kind;
            return able;
        }

        if (foreign is not null)
        {
            return foreign;
        }

        var words = request.NewestModalities.ToString().ToLowerInvariant();
        if ((request.NewestModalities & ~Modalities.File) is Modalities.Text)
        {
            return GatewayError.BadRequest(
                "unsupported_content_part", $"Nobody here reads all of: {words}. Name an upstream that does in modalities, or send the document's text.",
                request.Body.TryGet("messages", out var held) ? MediaParts.PathOf(held, Modalities.File) : null);
        }

        var kind = MediaRoutes.KindOf(request.NewestModalities);
        return new GatewayError(501, $"{kind}_not_supported", $"Nobody here reads all of: {words}. Name an upstream that does in modalities, and in [{kind}] endpoints.")
        {
            Type = "invalid_request_error",
        };
    }

    private static string Clip(string name) => name.Length <= 64 ? name : $"{name.AsSpan(0, 63)}…";
}

using Synthwave.Chat;
using Synthwave.Chat.Memory;

namespace Synthwave.Upstreams.Faults;

/// <summary>
/// The one table of what a fault means: try the same upstream again, try another one, count it against the upstream, what reports call it, and what a
/// client is told. Pure.
/// </summary>
internal static class UpstreamFaultTable
{
    /// <summary>Sent with 503 when nobody knows when the upstream will be back.</summary>
    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether the same call may succeed here a moment later: nothing was generated, and what went wrong passes. An error in the place of a stream's first piece is
    /// one like the status it would have come with.
    /// </summary>
    public static bool IsRetryable(this UpstreamFault fault) => !fault.WasWorkedOn && fault.Kind switch
    {
        UpstreamFaultKind.Unreachable => fault.Status is null,
        UpstreamFaultKind.TimedOut => fault.DuringConnect,
        UpstreamFaultKind.RateLimited or UpstreamFaultKind.Rejected or UpstreamFaultKind.ServerError =>
            fault.Status is 408 or 429 or 500 or 502 or 503 or 504 or 529,
        _ => false,
    };

    /// <summary>
    /// Whether another member may answer where this one did not. A stream may only be replaced before its first content left: that is the commit rule's
    /// question, not this table's.
    /// </summary>
    public static bool MayRotate(this UpstreamFault fault) => fault.Kind is not (UpstreamFaultKind.BadRequest or UpstreamFaultKind.Moderation or UpstreamFaultKind.NoMemory or UpstreamFaultKind.Cancelled);

    /// <summary>Whether the upstream lives and only refused this one request, or this account.</summary>
    public static bool IsSignOfLife(this UpstreamFault fault) => fault.Kind is UpstreamFaultKind.BadRequest or UpstreamFaultKind.ContextTooLong or UpstreamFaultKind.Moderation
        or UpstreamFaultKind.Unauthorized or UpstreamFaultKind.Billing or UpstreamFaultKind.ModelGone or UpstreamFaultKind.NotInPlan or UpstreamFaultKind.Region
        or UpstreamFaultKind.Rejected or UpstreamFaultKind.CallerKeyRefused;

    /// <summary>The rest that the upstream asks for with this fault; null = none.</summary>
    public static TimeSpan? AskedRest(this UpstreamFault fault) =>
        fault is { Kind: UpstreamFaultKind.RateLimited or UpstreamFaultKind.QuotaWindow or UpstreamFaultKind.ServerError, Status: 429 or 503 or 529, RetryAfter: { } wait } && wait > TimeSpan.Zero
            ? wait
            : null;

    /// <summary>Whether nobody was asked: the upstream is left alone as it wished.</summary>
    public static bool IsLeftAlone(this UpstreamFault fault) => fault is { Kind: UpstreamFaultKind.RateLimited, Status: null };

    /// <summary>Whether the fault says that the upstream as a whole is in trouble.</summary>
    public static bool CountsForBreaker(this UpstreamFault fault) => fault.Kind switch
    {
        UpstreamFaultKind.Unreachable or UpstreamFaultKind.TimedOut or UpstreamFaultKind.ServerError => true,
        _ => false,
    };

    /// <summary>
    /// Whether the request itself may be what the upstream failed at, as servers do that answer 500 to what they did not foresee. What says that nobody could be reached, or that
    /// there is too much to do, is about the upstream.
    /// </summary>
    public static bool MayBeTheRequests(this UpstreamFault fault) => fault is { Kind: UpstreamFaultKind.ServerError, Status: 500 or 501 };

    /// <summary>
    /// Whether the upstream certainly generated nothing: the request did not arrive, or was refused. A 502 or 504 is a proxy's word about somebody behind
    /// it, who may have worked.
    /// </summary>
    public static bool IsFree(this UpstreamFault fault) => fault.DuringConnect || fault.Status is >= 300 and not (408 or 502 or 504);

    /// <summary>The label in headers, metrics and reports: a closed set.</summary>
    public static string ReportReason(this UpstreamFault fault) => fault.Kind switch
    {
        UpstreamFaultKind.TimedOut => "timeout",
        UpstreamFaultKind.Unreachable or UpstreamFaultKind.Misconfigured => "transport",
        UpstreamFaultKind.Overloaded or UpstreamFaultKind.NoMemory => "overloaded",
        UpstreamFaultKind.CircuitOpen => "circuit_open",
        UpstreamFaultKind.RateLimited when fault.IsLeftAlone() => "rate_limited",
        UpstreamFaultKind.ContextTooLong => "context",
        UpstreamFaultKind.AuthUnconfigured or UpstreamFaultKind.CallerKeyMissing => "auth_unconfigured",
        UpstreamFaultKind.Malformed => "non_json",
        UpstreamFaultKind.TooLarge => "too_large",
        UpstreamFaultKind.StreamBroken => "stream_broken",
        UpstreamFaultKind.Blank => "blank",
        UpstreamFaultKind.Refused => "refused",
        UpstreamFaultKind.UndeclaredTool => "undeclared_tool",
        UpstreamFaultKind.ToolRequiredUnmet => "tool_required_unmet",
        UpstreamFaultKind.ToolChoiceUnmet => "tool_choice_unmet",
        UpstreamFaultKind.Cancelled => "cancelled",
        _ => "non_2xx",
    };

    /// <summary>What a client is told when <paramref name="fault"/> is the final outcome. Names the upstream, never its URL, key or text.</summary>
    public static GatewayError ToGatewayError(this UpstreamFault fault, string upstream)
    {
        var error = fault.Kind switch
        {
            UpstreamFaultKind.TimedOut => fault.DuringConnect
                ? Error(504, "upstream_timeout", $"No connection to upstream '{upstream}' could be made in time.")
                : TimedOut(upstream),
            UpstreamFaultKind.Unreachable => fault.Status is null
                ? Error(502, "upstream_error", Unreached(upstream, fault.Trouble))
                : Error(502, "upstream_error", $"Upstream '{upstream}' closed the connection in the middle of its answer."),
            UpstreamFaultKind.QuotaWindow => Error(429, "upstream_error", $"The quota at upstream '{upstream}' is used up for now. Try again later."),
            UpstreamFaultKind.RateLimited => Error(429, "upstream_error", $"Upstream '{upstream}' is limiting the rate of requests. Try again later."),
            UpstreamFaultKind.Overloaded => Error(503, "upstream_unavailable", $"Upstream '{upstream}' has as many calls in flight as it is configured for."),
            UpstreamFaultKind.CircuitOpen => Error(503, "upstream_unavailable", $"Upstream '{upstream}' failed repeatedly and is given a short rest."),
            UpstreamFaultKind.BadRequest => Error(fault.Status ?? 400, "upstream_error", $"Upstream '{upstream}' refused the request as invalid.{Says(fault)}"),
            UpstreamFaultKind.ContextTooLong =>
                Error(400, "context_length_exceeded", $"The prompt is too long for upstream '{upstream}': it exceeds the model's maximum context length. Shorten the conversation.{Says(fault)}"),
            UpstreamFaultKind.Moderation => Error(400, "content_policy_violation", $"Upstream '{upstream}' refused the request because of its content.{Says(fault)}"),
            UpstreamFaultKind.Billing => Error(402, "insufficient_credit", $"The gateway's account at upstream '{upstream}' is out of credit. This is not about the client's request."),
            UpstreamFaultKind.ModelGone =>
                Error(fault.Status is 404 ? 404 : 502, "upstream_model_gone", $"Upstream '{upstream}' no longer has the model it is configured for. This is not about the client's request."),
            UpstreamFaultKind.NotInPlan =>
                Error(502, "upstream_not_in_plan", $"The gateway's account at upstream '{upstream}' may not use its model. This is not about the client's request."),
            UpstreamFaultKind.Region => Error(502, "upstream_region_unsupported", $"Upstream '{upstream}' does not serve the gateway's region. This is not about the client's request."),
            UpstreamFaultKind.Unauthorized =>
                Error(502, "upstream_auth_failed", $"Upstream '{upstream}' refused the gateway's credentials. This is not about the key of the client."),
            UpstreamFaultKind.AuthUnconfigured =>
                Error(502, "upstream_auth_unconfigured", $"The credentials for upstream '{upstream}' are not set in the gateway's environment."),
            UpstreamFaultKind.CallerKeyMissing =>
                Unauthorized("missing_api_key", $"Upstream '{upstream}' is asked with the caller's own key, and none was given. Send it as 'Authorization: Bearer <key>'."),
            UpstreamFaultKind.CallerKeyRefused => Unauthorized("invalid_api_key", $"Upstream '{upstream}' refused the caller's own key."),
            UpstreamFaultKind.Misconfigured =>
                Error(502, "upstream_misconfigured", $"Upstream '{upstream}' is configured in a way that does not allow calls."),
            UpstreamFaultKind.Redirected => Error(502, "upstream_error", $"Upstream '{upstream}' answered with a redirect, which is not followed."),
            UpstreamFaultKind.Rejected => Error(fault.Status ?? 502, "upstream_error", $"Upstream '{upstream}' refused the request (HTTP {fault.Status}).{Says(fault)}"),
            UpstreamFaultKind.ServerError => fault.Status == 529
                ? Error(503, "upstream_error", $"Upstream '{upstream}' is overloaded. Try again later.")
                : Error(fault.Status ?? 502, "upstream_error", $"Upstream '{upstream}' failed (HTTP {fault.Status})."),
            UpstreamFaultKind.Malformed => Error(502, "upstream_protocol_error", $"Upstream '{upstream}' answered with something that is no chat completion."),
            UpstreamFaultKind.TooLarge => Error(502, "upstream_protocol_error", $"The answer of upstream '{upstream}' is larger than the gateway accepts{(fault.Limit is null ? "" : $": {fault.Limit}")}."),
            UpstreamFaultKind.NoMemory => MemoryBudget.Full with { Message = $"The server has no memory left for the call to upstream '{upstream}' now." },
            UpstreamFaultKind.StreamBroken => fault.IsStall
                ? Error(504, "upstream_timeout", $"Upstream '{upstream}' stopped sending in the middle of its answer.")
                : Error(502, "upstream_error", $"The stream of upstream '{upstream}' ended before its answer was complete."),
            UpstreamFaultKind.Blank => Error(502, "upstream_error", $"Upstream '{upstream}' answered without any content."),
            UpstreamFaultKind.Refused => Error(502, "upstream_error", $"Upstream '{upstream}' would not answer."),
            UpstreamFaultKind.UndeclaredTool =>
                Error(502, "upstream_protocol_error", $"Upstream '{upstream}' called a function that is not in declared `tools`."),
            UpstreamFaultKind.ToolRequiredUnmet =>
                Error(502, "upstream_protocol_error", $"Upstream '{upstream}' called no function although tool_choice requires it."),
            UpstreamFaultKind.ToolChoiceUnmet =>
                Error(502, "upstream_protocol_error", $"Upstream '{upstream}' did not call the function tool_choice names."),
            _ when fault.IsOverlong => Error(504, "deadline_exceeded", "The stream took longer than the gateway's max_stream_secs allows and was ended."),
            _ => Error(502, "upstream_error", $"The call to upstream '{upstream}' was cancelled."),
        };
        error = error with { IsFinal = fault.Kind is UpstreamFaultKind.BadRequest or UpstreamFaultKind.ContextTooLong or UpstreamFaultKind.Moderation or UpstreamFaultKind.Billing };
        return error.Status is 429 or 503 ? error with { RetryAfter = fault.RetryAfter ?? (error.Status == 503 ? RetrySoon : null) } : error;
    }

    // Behind our own words, where the request is at fault.
    private static string Says(UpstreamFault fault) => fault.Sentence.Length == 0 ? "" : $" It says: {fault.Sentence}";

    private static string Unreached(string upstream, TransportTrouble trouble) => trouble.Words() is { } words
        ? $"Upstream '{upstream}' could not be reached: {words}."
        : $"Upstream '{upstream}' could not be reached or closed the connection before it answered.";

    private static GatewayError TimedOut(string upstream) => Error(504, "upstream_timeout", $"Upstream '{upstream}' did not answer in time.");

    private static GatewayError Unauthorized(string code, string message) => Error(401, code, message) with { Type = "invalid_request_error" };

    private static GatewayError Error(int status, string code, string message) => new(status, code, message);
}

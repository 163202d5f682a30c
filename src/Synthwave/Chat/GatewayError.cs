namespace Synthwave.Chat;

/// <summary>
/// A failure as the client sees it: OpenAI's envelope <c>{"error":{"message","type","param","code"}}</c> plus the headers that belong to it.
/// Never carries a key, an upstream URL, upstream text or a stack trace.
/// </summary>
internal sealed record GatewayError(int Status, string? Code, string Message)
{
    /// <summary>Null = the default of <see cref="Status"/>.</summary>
    public string? Type { get; init; }

    /// <summary>The request member at fault, as a path such as <c>messages[0].content</c>; null = none.</summary>
    public string? Param { get; init; }

    /// <summary>Asking again would end the same way, as an upstream has said. Sent as <c>x-should-retry: false</c>.</summary>
    public bool IsFinal { get; init; }

    /// <summary>An object for the clients of an API whose errors have one, as JSON; null = none.</summary>
    public string? Details { get; init; }

    /// <summary>Sent as <c>Retry-After</c>, whole seconds rounded up; null = not sent.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary><see cref="Type"/>, or the type every error of this status has.</summary>
    public string EffectiveType => Type ?? Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        503 => "service_unavailable_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    /// <summary>A 400 about the request itself.</summary>
    public static GatewayError BadRequest(string? code, string message, string? param = null) => new(400, code, message) { Param = param };
}

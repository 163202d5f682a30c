using System.Collections.Frozen;

namespace Synthwave.Upstreams.Faults;

/// <summary>The status that providers send with an error's type or code, for errors that have lost it: in a stream, or under a 200. Pure.</summary>
internal static class ErrorNames
{
    private static readonly FrozenDictionary<string, int> Statuses = new (int Status, string[] Names)[]
    {
        (400, ["invalid_request_error"]),
        (401, ["authentication_error"]),
        (402, ["billing_error"]),
        (403, ["permission_error"]),
        (404, ["not_found_error"]),
        (413, ["request_too_large"]),
        (429, ["rate_limit_error", "rate_limit_exceeded", "too_many_requests", "RateLimitError"]),
        (500, ["api_error", "server_error", "internal_error", "internal_server_error", "InternalServerError"]),
        (502, ["bad_gateway"]),
        // Anthropic's own is 529; 503 is what every client knows.
        (503, ["overloaded_error", "overloaded", "engine_overloaded", "engine_overloaded_error", "server_overloaded", "service_unavailable", "service_unavailable_error", "ServiceUnavailableError"]),
        (504, ["timeout_error", "gateway_timeout"]),
    }.SelectMany(s => s.Names.Select(n => KeyValuePair.Create(n, s.Status))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The status; null = the name tells none.</summary>
    public static int? StatusOf(string name) => Statuses.TryGetValue(name, out var status) ? status : null;
}

using Synthwave.Api.Answers;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Stands before everything else. With a prefix configured every route is served below it and nowhere else, but for <c>/healthz</c>, which container probes ask
/// without knowing of the proxy in front. Thread-safe.
/// </summary>
internal sealed class PathPrefix(RequestDelegate next, Func<ServerConfig> server)
{
    private const string Liveness = "/healthz";

    private static readonly GatewayError NotHere =
        new(404, "not_found", "Nothing is served here: this gateway serves below a path prefix (server.path_prefix), which the base URL must end with.") { Type = "invalid_request_error" };

    // A request that has an endpoint is not routed.
    private static readonly Endpoint Outside = new(static context => ErrorWriter.WriteAsync(context, NotHere), EndpointMetadataCollection.Empty, "outside the prefix");

    public Task InvokeAsync(HttpContext context)
    {
        if (server().PathPrefix is not { } prefix)
        {
            return next(context);
        }

        var request = context.Request;
        if (request.Path.StartsWithSegments(prefix, out var matched, out var rest))
        {
            request.PathBase = request.PathBase.Add(matched);
            request.Path = rest.HasValue ? rest : "/";
        }
        else if (!string.Equals(request.Path.Value, Liveness, StringComparison.OrdinalIgnoreCase))
        {
            context.SetEndpoint(Outside);
        }

        return next(context);
    }
}

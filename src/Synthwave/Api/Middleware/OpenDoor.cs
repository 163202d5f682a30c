using Microsoft.Extensions.Primitives;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Where no token keeps strangers out, their web pages must not reach the gateway through the browser of somebody who can: a request has to call the gateway by a name that no
/// stranger can have given it, and if a page made it, that has to be a page of this machine or one that the configuration names. Everything else is answered 403. Routes that
/// need no token anyway are open to all, and <see cref="AdminDoor"/> judges its own. With a token this layer does nothing. Thread-safe.
/// </summary>
/// <remarks>
/// A page of a name that is made to point here (DNS rebinding) is of the gateway's own origin, and over plain HTTP its browser sends neither <c>Origin</c> nor
/// <c>Sec-Fetch-Site</c> with a GET: only the host gives it away. https://www.w3.org/TR/fetch-metadata/
/// </remarks>
internal sealed class OpenDoor(RequestDelegate next, Func<ServerConfig> server, TokenInForce token)
{
    private const string Instead = "set a token (server.bearer_token_env)";

    private static readonly GatewayError ForeignHost = new(
        403, "host_not_allowed",
        $"This gateway has no token, so it must be called by localhost, an IP address or a name of its own network: any other name could have been made to point here. Or {Instead}, or server.allow_open = true.");

    private static readonly GatewayError ForeignOrigin = new(
        403, "origin_not_allowed",
        $"This gateway has no token, so it answers web pages of this machine only. To let this page in, name its origin in server.cors_allow_origins, or {Instead}.");

    private static readonly GatewayError NoOrigin = new(
        403, "origin_not_allowed",
        $"This gateway has no token, so it does not answer a page without an origin (\"null\": a file, or a frame in a sandbox). Serve the page from http://localhost, or {Instead}.");

    private static readonly GatewayError CrossSite = new(
        403, "cross_site_request",
        $"This gateway has no token, so it does not answer what a page of another site asks for (Sec-Fetch-Site: cross-site). Call it from a page of this machine, or {Instead}.");

    public Task InvokeAsync(HttpContext context)
    {
        var config = server();
        if (token.Of(config) is not null || Judge(context.Request.Headers, config) is not { } error)
        {
            return next(context);
        }

        var route = RouteTraits.Of(context);
        if (!route.IsAdmin && !route.IsOpen(context.Request.Path.Value, config))
        {
            return ErrorWriter.WriteAsync(context, error);
        }

        if (route.Access is RouteAccess.OpenInPart)
        {
            context.Features.Set(new WithheldPart(error));
        }

        return next(context);
    }

    /// <summary>Whether a page of <paramref name="origin"/> is let in without a token.</summary>
    public static bool Admits(string origin, ServerConfig config) =>
        LocalNames.IsLoopbackOrigin(origin) || (origin is not "null" and not "*" && config.CorsAllowOrigins.Contains(origin));

    private static GatewayError? Judge(IHeaderDictionary headers, ServerConfig config)
    {
        if (!config.AllowOpen && !IsOwn(headers.Host, config))
        {
            return ForeignHost;
        }

        var origins = headers.Origin;
        if (StringValues.IsNullOrEmpty(origins))
        {
            return BrowserSigns.IsCrossSite(headers) ? CrossSite : null;
        }

        return origins is [{ } origin] ? Admits(origin, config) ? null : origin is "null" ? NoOrigin : ForeignOrigin : ForeignOrigin;
    }

    private static bool IsOwn(StringValues hosts, ServerConfig config)
    {
        foreach (var host in hosts)
        {
            var name = host.AsSpan();
            if (!LocalNames.IsLocal(name) && !(name.StartsWith(config.Host, StringComparison.OrdinalIgnoreCase) && (name.Length == config.Host.Length || name[config.Host.Length] == ':')))
            {
                return false;
            }
        }

        return true;
    }
}

using System.Net;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Keeps the routes of <see cref="RouteAccess.Admin"/>: with an admin token configured they answer whoever shows it, else this machine itself and nobody that came through a proxy
/// or from a web page of another machine. The clients' token opens nothing here. No answer is to be stored. Thread-safe.
/// </summary>
internal sealed class AdminDoor(RequestDelegate next, Func<ServerConfig> server, TokenInForce token)
{
    private const string Instead = "Set server.admin_token_env and show that token to reach /admin from elsewhere.";

    private static readonly GatewayError Missing = new(401, "missing_admin_token", "No admin token was given. Send it as 'Authorization: Bearer <token>'.") { Type = "invalid_request_error" };
    private static readonly GatewayError Wrong = new(401, "invalid_admin_token", "The admin token given is not valid here; the clients' key is another one.") { Type = "invalid_request_error" };
    private static readonly GatewayError Remote = new(403, "admin_local_only", $"Without an admin token /admin answers this machine only. {Instead}") { Type = "invalid_request_error" };
    private static readonly GatewayError Proxied = new(403, "admin_local_only", $"Without an admin token /admin answers nothing that came through a proxy. {Instead}") { Type = "invalid_request_error" };

    private static readonly GatewayError ForeignHost =
        new(403, "host_not_allowed", $"Without an admin token /admin must be called by localhost or a loopback address: any other name could have been made to point here. {Instead}") { Type = "invalid_request_error" };

    private static readonly GatewayError ForeignPage = new(403, "origin_not_allowed", $"Without an admin token /admin answers no web page of another machine. {Instead}") { Type = "invalid_request_error" };

    public Task InvokeAsync(HttpContext context)
    {
        if (!RouteTraits.Of(context).IsAdmin)
        {
            return next(context);
        }

        context.Response.Headers.CacheControl = "no-store";
        return Judge(context) is { } error ? ErrorWriter.WriteAsync(context, error) : next(context);
    }

    private GatewayError? Judge(HttpContext context) => token.BytesOf(server()) is { } expected
        ? ShownToken.Judge(context.Request.Headers, expected) switch
        {
            TokenVerdict.Right => null,
            TokenVerdict.Wrong => Wrong,
            _ => Missing,
        }
        : JudgeLocal(context);

    private static GatewayError? JudgeLocal(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Connection.RemoteIpAddress is not { } peer || !IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer))
        {
            return Remote;
        }

        if (ProxySigns.Any(headers))
        {
            return Proxied;
        }

        if (headers.Host is not [{ } host] || !LocalNames.IsLoopback(host))
        {
            return ForeignHost;
        }

        foreach (var origin in headers.Origin)
        {
            if (!LocalNames.IsLoopbackOrigin(origin))
            {
                return ForeignPage;
            }
        }

        return BrowserSigns.IsCrossSite(headers) ? ForeignPage : null;
    }
}

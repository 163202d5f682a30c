using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Lets a request pass when its route is open or has a door of its own, or when it shows the configured token (<see cref="ShownToken"/>); answers 401 otherwise. The token is read
/// once per configuration; a new configuration counts from the next request on.
/// </summary>
internal sealed class BearerAuth(RequestDelegate next, Func<ServerConfig> server, TokenInForce token)
{
    private static readonly GatewayError Missing = new(401, "missing_api_key", "No API key was given. Send it as 'Authorization: Bearer <key>'.") { Type = "invalid_request_error" };
    private static readonly GatewayError Invalid = new(401, "invalid_api_key", "The API key given is not valid here.") { Type = "invalid_request_error" };

    public Task InvokeAsync(HttpContext context)
    {
        var config = server();
        if (token.BytesOf(config) is not { } expected)
        {
            return next(context);
        }

        var route = RouteTraits.Of(context);
        var isOpen = route.IsOpen(context.Request.Path.Value, config);
        if (route.IsAdmin || (isOpen && route.Access is not RouteAccess.OpenInPart))
        {
            return next(context);
        }

        var verdict = ShownToken.Judge(context.Request.Headers, expected);
        if (verdict is TokenVerdict.Right)
        {
            return next(context);
        }

        var error = verdict is TokenVerdict.Wrong ? Invalid : Missing;
        if (!isOpen)
        {
            return ErrorWriter.WriteAsync(context, error);
        }

        context.Features.Set(new WithheldPart(error));
        return next(context);
    }
}

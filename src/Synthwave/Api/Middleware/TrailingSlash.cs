namespace Synthwave.Api.Middleware;

/// <summary>
/// A path that differs from a route only by slashes at its end is answered with 307 to the real one. Stands behind routing, which finds the route
/// with or without the slash, and behind authentication, for which a path is open only when it is written exactly.
/// </summary>
internal sealed class TrailingSlash(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is not { Length: > 1 } || path[^1] != '/' || path.StartsWith("//", StringComparison.Ordinal) || context.GetEndpoint() is null)
        {
            return next(context);
        }

        var target = new PathString(path.TrimEnd('/'));
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = context.Request.PathBase.Add(target).ToUriComponent() + context.Request.QueryString.ToUriComponent();
        return Task.CompletedTask;
    }
}

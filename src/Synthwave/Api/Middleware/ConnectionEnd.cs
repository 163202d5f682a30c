using Synthwave.Api.Admission;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Once a stop was asked for, every answer is the last of its connection, so that clients open their next one elsewhere before the listener is gone.
/// </summary>
internal sealed class ConnectionEnd(RequestDelegate next, ShutdownSignal shutdown)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (shutdown.HasBegun)
        {
            context.Response.Headers.Connection = "close";
        }

        return next(context);
    }
}

using Microsoft.AspNetCore.Connections;
using Synthwave.Api.Answers;
using Synthwave.Chat;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Writes an error document where no endpoint wrote an answer: 404 and 405 of routing, a body that Kestrel refused, and bugs (500, no detail). Stands
/// inside <see cref="Cors"/>, so that browsers can read what it writes.
/// </summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, EndpointDataSource routes, ILogger<ErrorMiddleware> logger)
{
    private volatile MeantRoute? _meant;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogClientGone();
            return;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The end of a connection may surface in a read before the request's token is cancelled. Aborting keeps the server from reading on.
            LogClientGone();
            context.Abort();
            return;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, OfRefusedBody(e)).ConfigureAwait(false);
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogBug(e);
            await AnswerAsync(context, ErrorWriter.Internal).ConfigureAwait(false);
            return;
        }
        catch (Exception e)
        {
            // The answer has begun and cannot be completed: the connection is cut, so that nobody takes it for a whole one.
            LogBug(e);
            context.Abort();
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentLength: null, ContentType: null } response)
        {
            await ErrorWriter.WriteAsync(context, OfRouting(context, response)).ConfigureAwait(false);
        }
    }

    private GatewayError OfRouting(HttpContext context, HttpResponse response)
    {
        var error = ErrorWriter.OfStatus(response.StatusCode);
        if (error.Status is StatusCodes.Status405MethodNotAllowed)
        {
            return error with { Code = "method_not_allowed", Message = $"Method Not Allowed. This path takes {string.Join(", ", response.Headers.Allow.ToArray())}." };
        }

        // Routes are mapped after the layers.
        return context.GetEndpoint() is not null ? error : error with
        {
            Code = "not_found",
            Message = (_meant ??= new MeantRoute(routes.Endpoints)).Words(context.Request.PathBase.ToUriComponent(), context.Request.Path.Value, context.Request.Method),
        };
    }

    private static GatewayError OfRefusedBody(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            new(413, "request_too_large", "The request body is larger than this gateway accepts.") { Type = "invalid_request_error" },
        var status => ErrorWriter.OfStatus(status),
    };

    // Headers that the failed handler set are dropped. Those of the layers outside it (CORS, request ids) stay.
    private static Task AnswerAsync(HttpContext context, GatewayError error)
    {
        var headers = context.Response.Headers;
        var kept = headers.Where(h => IsOuter(h.Key)).ToArray();
        context.Response.Clear();
        foreach (var (name, value) in kept)
        {
            headers[name] = value;
        }

        return ErrorWriter.WriteAsync(context, error);
    }

    private static bool IsOuter(string name) =>
        name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Vary", StringComparison.OrdinalIgnoreCase)
        || ReportHeaders.IsRequestId(name);

    [LoggerMessage(EventId = 100, Level = LogLevel.Debug, Message = "The client left before its answer was complete")]
    private partial void LogClientGone();

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "Unhandled exception")]
    private partial void LogBug(Exception exception);
}

using Microsoft.AspNetCore.Connections;
using Synthwave.Api.Answers;
using Synthwave.Chat;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Gives every answer nobody wrote a body the envelope: 404 and 405 of routing, a body Kestrel refused, and bugs (500, no detail). Stands inside
/// <see cref="Cors"/>, so that browsers can read what it writes.
/// </summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
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
            // Half an answer must not look like a whole one.
            LogBug(e);
            context.Abort();
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentLength: null, ContentType: null } response)
        {
            await ErrorWriter.WriteAsync(context, ErrorWriter.OfStatus(response.StatusCode)).ConfigureAwait(false);
        }
    }

    private static GatewayError OfRefusedBody(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            new(413, "request_too_large", "The request body is larger than this gateway accepts.") { Type = "invalid_request_error" },
        var status => ErrorWriter.OfStatus(status),
    };

    // What the failed handler had set goes; what the layers outside it set (CORS, request ids) stays.
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

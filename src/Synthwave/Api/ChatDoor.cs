using Microsoft.AspNetCore.Connections;
using Synthwave.Api.Dialects;
using Synthwave.Chat;
using Synthwave.Routing;
using Synthwave.Telemetry;

namespace Synthwave.Api;

/// <summary>
/// Where every request for an answer comes in, whatever its dialect.
/// <code>
/// body ──► dialect: schema ──► any upstream? ──► checks ──► route ──► dispatch ──► JSON or event stream in the dialect's shape ──► report
/// </code>
/// Everything up to the route is answered with its real status, streamed or not.
/// </summary>
internal sealed class ChatDoor(RequestDesk desk, ProfileDispatcher dispatcher, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http, IDialect dialect)
    {
        using var visit = desk.Open(http);
        if (visit.Refusal is { } refusal)
        {
            await visit.RefuseAsync(refusal);
            return;
        }

        try
        {
            if (dialect.NeedsJsonContentType && !RequestBody.IsJson(http.Request.ContentType))
            {
                await visit.RefuseAsync(GatewayError.BadRequest(null, "The content type must be application/json."));
                return;
            }

            var (body, error) = await RequestBody.ReadAsync(http, visit.Runtime.Config.Server.MaxBodyBytes);
            await (error is null ? AnswerAsync(http, visit, dialect, body) : visit.RefuseAsync(error));
        }
        catch (OperationCanceledException) when (visit.Token.IsCancellationRequested)
        {
            await visit.AbandonAsync();
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The client left while it was sending; its token may not know yet, nor the server, which would read on.
            visit.End(DispatchOutcome.Cancelled, null);
            http.Abort();
        }
    }

    private Task AnswerAsync(HttpContext http, RequestVisit visit, IDialect dialect, ReadOnlyMemory<byte> body)
    {
        visit.NoteBytesIn(body.Length);
        var reading = dialect.Read(body, visit.Runtime, visit.Report.RequestId);
        if (reading is not { Request: { } request, Shape: { } shape })
        {
            return visit.RefuseAsync(reading.Error ?? throw new InvalidOperationException("A reading without request or error."));
        }

        var plan = ProfileDispatcher.Plan(visit.Runtime, request, visit.Report);
        if (plan.Route is not { } route)
        {
            return visit.RefuseAsync(plan.Error!);
        }

        visit.StartWorkflow();
        var dispatch = dispatcher.RunAsync(visit.Runtime, route, request, visit.Report, visit.Token);
        return request.Stream
            ? new StreamedAnswer(http, visit, request, shape, time).WriteAsync(dispatch)
            : WriteWholeAsync(visit, request, shape, dispatch);
    }

    private static async Task WriteWholeAsync(RequestVisit visit, ChatRequest request, AnswerShape shape, Task<ChatReply> dispatch) =>
        await JsonAnswer.WriteAsync(visit, request, shape, await dispatch);
}

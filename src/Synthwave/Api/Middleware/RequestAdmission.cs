using Microsoft.AspNetCore.Connections;
using Synthwave.Chat;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Middleware;

/// <summary>Admits every POST: runtime, place among the requests in work, cancellation, report. Thread-safe.</summary>
internal sealed class RequestAdmission(Func<GatewayRuntime> current, ShutdownSignal shutdown, TimeProvider time)
{
    private int _inWork;

    /// <summary>Requests in work.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    /// <summary>
    /// Takes one POST from its head to its end: a place or a refusal, the body read whole, <paramref name="answer"/>, and what is owed to a client that left
    /// or a server that stops.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="needsJson">Whether a content type other than JSON is refused; otherwise it is not looked at.</param>
    /// <param name="state">Handed to <paramref name="answer"/>.</param>
    /// <param name="answer">Sends the answer; sets the visit's outcome on every path.</param>
    public async Task ServeAsync<T>(HttpContext http, bool needsJson, T state, Func<RequestVisit, ReadOnlyMemory<byte>, T, Task> answer)
    {
        using var visit = Open(http);
        if (visit.Refusal is { } refusal)
        {
            await visit.RefuseAsync(refusal);
            return;
        }

        try
        {
            if (needsJson && !RequestBody.IsJson(http.Request.ContentType))
            {
                await visit.RefuseAsync(GatewayError.BadRequest(null, "The content type must be application/json."));
                return;
            }

            var (body, error) = await RequestBody.ReadAsync(http, visit.Runtime.Config.Server.MaxBodyBytes);
            visit.NoteBytesIn(body.Length);
            await (error is null ? answer(visit, body, state) : visit.RefuseAsync(error));
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

    private RequestVisit Open(HttpContext http)
    {
        var runtime = current();
        var inWork = Interlocked.Increment(ref _inWork);
        var most = runtime.Config.Server.MaxConcurrentRequests;
        return new RequestVisit(http, runtime, shutdown, time, () => Interlocked.Decrement(ref _inWork))
        {
            Refusal = shutdown.IsOver ? ShutdownSignal.Error
                : most > 0 && inWork > most ? Overloaded(most)
                : null,
        };
    }

    private static GatewayError Overloaded(int most) =>
        new(503, "overloaded", $"The server works on {most} requests already.") { RetryAfter = TimeSpan.FromSeconds(1) };
}

using Microsoft.AspNetCore.Connections;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// What every POST endpoint does around its answer: admission or a refusal, the body, which has to be JSON, read whole and decoded, and what is owed to a client that left or a server that
/// stops. Thread-safe.
/// </summary>
internal sealed class PostEndpoint(RequestAdmission admission)
{
    /// <summary>Takes one POST from its head to its end.</summary>
    /// <param name="http">The request.</param>
    /// <param name="state">Handed to <paramref name="answer"/>.</param>
    /// <param name="answer">Sends the answer; sets the visit's outcome on every path.</param>
    public async Task ServeAsync<T>(HttpContext http, T state, Func<RequestVisit, ReadOnlyMemory<byte>, T, Task> answer)
    {
        using var visit = admission.Open(http);
        if (visit.Refusal is { } refusal)
        {
            await visit.RefuseAsync(refusal);
            return;
        }

        var presence = ClientPresence.Of(http);
        try
        {
            if (!await visit.Memory.EnterAsync(visit.Token))
            {
                await visit.RefuseAsync(MemoryBudget.Full);
                return;
            }

            if (!RequestBody.IsJson(http.Request))
            {
                await visit.RefuseAsync(GatewayError.BadRequest(null, "The content type must be application/json."));
                return;
            }

            var (body, error) = await RequestBody.ReadAsync(http, visit.Runtime.Config.Server.MaxBodyBytes, visit.Memory, visit.Token);
            visit.NoteBytesIn(body.Length);
            if (error is null && http.Request.Headers.ContentEncoding is { Count: > 0 } encodings)
            {
                (body, error) = await ContentDecoding.DecodeAsync(body, encodings, visit.Runtime.Config.Server.MaxBodyBytes, visit.Memory, visit.Token);
                if (error is { Status: StatusCodes.Status415UnsupportedMediaType })
                {
                    http.Response.Headers.AcceptEncoding = ContentDecoding.Known;
                }
            }

            if (error is null && !await ParsedBody.TakeAsync(visit, body))
            {
                error = ParsedBody.NeverFits(visit, body) ? ParsedBody.TooLarge : MemoryBudget.Full;
            }

            if (error is not null)
            {
                await visit.RefuseAsync(error);
                return;
            }

            http.Features.Get<RequestContent>()?.SetPrompt(body.Span);
            presence?.Await(http);
            await answer(visit, body, state);
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
        finally
        {
            presence?.EndAnswer();
        }
    }
}

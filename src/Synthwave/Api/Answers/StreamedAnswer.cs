using Synthwave.Api.Admission;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>
/// Writes a reply as an event stream.
/// <code>
/// dispatch ──(within the head's grace)──► head with all that is known ──► events ──► the dialect's end
///    │                                └─► plain JSON error
///    └──(later)──► head, heartbeats ──► events … or one error event
/// </code>
/// </summary>
internal sealed class StreamedAnswer(HttpContext http, RequestVisit visit, ChatRequest request, AnswerShape shape, TimeProvider time)
{
    private readonly Action _giveUp = visit.Cancel;

    public async Task WriteAsync(Task<ChatReply> dispatch)
    {
        var server = visit.Runtime.Config.Server;
        shape.KeepWithin(server.MaxReplyBytes, visit.Memory);
        using var sse = new SseResponse(http, shape.Heartbeat, server.Heartbeat, time);
        try
        {
            if (!await sse.IsDoneWithinAsync(dispatch, server.StreamHeadGrace))
            {
                ReportHeaders.Write(http.Response.Headers, visit.Report, ReportStage.StreamHead);
                sse.StartHead();
                shape.Open(visit.Report, sse);
                await sse.BeatAsync();
            }

            switch (await sse.WaitAsync(dispatch))
            {
                case FailedReply failed when !sse.HeadIsOut:
                    await visit.RefuseAsync(failed.Error, failed.RelayedBody);
                    break;
                case FailedReply failed:
                    await WriteErrorAsync(sse, failed.Error);
                    break;
                case StreamReply streaming:
                    await using (streaming.Stream)
                    {
                        await RelayAsync(sse, streaming.Stream);
                    }

                    break;
                case var other:
                    throw new InvalidOperationException($"A {other.GetType().Name} is no answer to a streamed request.");
            }
        }
        catch (OperationCanceledException) when (sse.HeadIsOut && visit.Interruption is { } interruption)
        {
            await WriteErrorAsync(sse, interruption);
        }
        catch
        {
            // Whatever it was, nobody waits for the answer any more.
            visit.Cancel();
            throw;
        }
        finally
        {
            visit.NoteBytesOut(sse.BytesOut);
            await DrainAsync(dispatch);
        }
    }

    private async Task RelayAsync(SseResponse sse, AnswerStream stream)
    {
        if (!sse.HeadIsOut)
        {
            ReportHeaders.Write(http.Response.Headers, visit.Report, ReportStage.StreamCommitted);
            sse.StartHead();
            shape.Open(visit.Report, sse);
        }

        while (WriteAvailable(sse, stream) is var step && step is not StreamStep.End)
        {
            if (step is StreamStep.Pending)
            {
                await WaitAsync(sse, stream);
            }
            else
            {
                await sse.FlushAsync();
                visit.Token.ThrowIfCancellationRequested();
            }
        }

        if ((stream.Failure ?? shape.Trouble) is { } failure)
        {
            await WriteErrorAsync(sse, failure);
            return;
        }

        // The upstream call's facts are complete only after the stream has let go of it.
        await stream.DisposeAsync();
        visit.EndAnswered();
        shape.Close(stream, visit.Report, TraceWriter.ToJson(visit.Report, time, request.Extension.Trace), sse);
        while (shape.CloseNext())
        {
            if (sse.IsFull)
            {
                await sse.FlushAsync();
            }
        }

        await sse.EndAsync();
    }

    // Writes what can be had without waiting, until it is time for a flush: then the step is still an event.
    private StreamStep WriteAvailable(SseResponse sse, AnswerStream stream)
    {
        while (!sse.IsFull)
        {
            if (stream.Step() is var step and not StreamStep.Event)
            {
                return step;
            }

            shape.Write(stream.Current, sse);
            if (shape.Trouble is not null)
            {
                return StreamStep.End;
            }
        }

        return StreamStep.Event;
    }

    // Nothing more can be had without waiting: what is written leaves now. A stream is never given up with a read still under way in it, whose buffer
    // and connection would be somebody else's by the time it ends.
    private ValueTask WaitAsync(SseResponse sse, AnswerStream stream)
    {
        var waiting = stream.WaitAsync(visit.Token);
        return waiting.IsCompleted ? waiting : sse.FlushAndWaitAsync(waiting, _giveUp);
    }

    private async Task WriteErrorAsync(SseResponse sse, GatewayError error)
    {
        visit.End(DispatchOutcome.Failed, error.Code);
        shape.Fail(error, sse);
        await sse.EndAsync();
    }

    // A reply that arrives while the request is being given up still owns a connection.
    private static async Task DrainAsync(Task<ChatReply> dispatch)
    {
        try
        {
            if (await dispatch is StreamReply late)
            {
                await late.Stream.DisposeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The flow that was given up has already said so.
        }
    }
}

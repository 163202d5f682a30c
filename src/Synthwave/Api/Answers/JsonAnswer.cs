using Synthwave.Api.Admission;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Memory;
using Synthwave.Chat.Requests;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>Writes a reply as one JSON document.</summary>
internal static class JsonAnswer
{
    // A large reply is written anew once or twice on its way to a client.
    private const int Copies = 2;

    public static Task WriteAsync(RequestVisit visit, ChatRequest request, AnswerShape shape, ChatReply reply) => reply switch
    {
        CompleteReply { Body.Length: <= MemoryBudget.Flat } complete => WriteCompleteAsync(visit, request, shape, complete),
        CompleteReply large => WriteLargeAsync(visit, request, shape, large),
        FailedReply failed => visit.RefuseAsync(failed.Error, failed.RelayedBody),
        _ => throw new InvalidOperationException($"A {reply.GetType().Name} is no answer to a request without stream."),
    };

    private static async Task WriteLargeAsync(RequestVisit visit, ChatRequest request, AnswerShape shape, CompleteReply complete)
    {
        var hasRoom = await visit.Memory.TakeAsync((long)complete.Body.Length * Copies, visit.Token);
        await (hasRoom ? WriteCompleteAsync(visit, request, shape, complete) : visit.RefuseAsync(MemoryBudget.Full));
    }

    private static Task WriteCompleteAsync(RequestVisit visit, ChatRequest request, AnswerShape shape, CompleteReply complete)
    {
        visit.Report.FirstContentAt ??= visit.Time.GetTimestamp();
        if (complete.Status is < 200 or > 299)
        {
            throw new InvalidOperationException("A complete reply is a success.");
        }

        visit.EndAnswered();
        var body = complete.Body;
        if (visit.Report.CallCount > 1 && visit.Report.TotalUsage() is { } total)
        {
            body = CompletionEditor.WithUsage(body, total);
        }

        body = shape.Whole(body, TraceWriter.ToJson(visit.Report, visit.Time, request.Extension.Trace));
        ReportHeaders.Write(visit.Http.Response.Headers, visit.Report, ReportStage.Complete);

        // Two of the good ones say that there is no body.
        var status = complete.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent ? StatusCodes.Status200OK : complete.Status;
        return WholeAnswer.WriteAsync(visit.Http, status, WholeAnswer.Json, body);
    }
}

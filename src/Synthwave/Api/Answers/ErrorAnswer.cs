using Synthwave.Api.Admission;
using Synthwave.Chat;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>Answers an admitted request with an error.</summary>
internal static class ErrorAnswer
{
    /// <summary>Answers with an error before anything else was sent; an upstream's own error document takes the place of ours.</summary>
    public static Task RefuseAsync(this RequestVisit visit, GatewayError error, ReadOnlyMemory<byte>? relayedBody = null)
    {
        visit.End(DispatchOutcome.Failed, error.Code);
        ReportHeaders.Write(visit.Http.Response.Headers, visit.Report, ReportStage.Complete);
        return ErrorWriter.WriteAsync(visit.Http, error, relayedBody);
    }

    /// <summary>Ends a request whose token was cancelled: nothing is owed to a client that left.</summary>
    public static async Task AbandonAsync(this RequestVisit visit)
    {
        if (visit.Interruption is not { } error)
        {
            visit.End(DispatchOutcome.Cancelled, null);
        }
        else if (!visit.Http.Response.HasStarted)
        {
            await visit.RefuseAsync(error);
        }
        else
        {
            visit.End(DispatchOutcome.Failed, error.Code);
            visit.Http.Abort();
        }
    }
}

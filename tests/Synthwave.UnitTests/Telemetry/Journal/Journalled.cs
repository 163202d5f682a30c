using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Journal;

/// <summary>Requests for a journal.</summary>
internal static class Journalled
{
    /// <summary>One that is in work.</summary>
    public static RequestRecord Begin(this RequestJournal journal, TimeProvider time, string profile = "p", string path = "/v1/chat/completions")
    {
        var record = new RequestRecord("POST", path, time.GetUtcNow(), time.GetTimestamp());
        journal.Begin(record);
        record.Report = new DispatchReport(record.RequestId, record.StartedAt) { Profile = profile };
        return record;
    }

    /// <summary>It is over, well unless its report says something else.</summary>
    public static void Finish(this RequestJournal journal, RequestRecord record, RequestContent? content = null)
    {
        if (record.Report!.Outcome is DispatchOutcome.Running)
        {
            record.Report.Outcome = DispatchOutcome.Success;
        }

        record.Close(200, false, TimeSpan.Zero, null);
        journal.End(record, content);
    }

    /// <summary>Calls that failed with the longest words that are kept, no two of them alike.</summary>
    public static RequestRecord WithFailures(this RequestRecord record, int calls)
    {
        for (var c = 0; c < calls; c++)
        {
            var call = new CallReport(CallRole.Generator, $"upstream-{c}#2", "model", 0) { Detail = $"{record.RequestId} {c} {new string('x', 5_000)}" };
            call.Complete(CallOutcome.Failed, "non_2xx", 1);
            record.Report!.AddCall(call);
        }

        return record;
    }
}

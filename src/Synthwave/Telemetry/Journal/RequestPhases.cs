using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Journal;

/// <summary>Tells what a running request is doing from its report. Pure.</summary>
internal static class RequestPhases
{
    /// <summary>The phase of a request that is not over.</summary>
    /// <param name="report">So far.</param>
    /// <param name="calls">Its calls, in order of start.</param>
    public static JournalPhase Of(DispatchReport report, IReadOnlyList<CallReport> calls)
    {
        if (report.FirstContentAt is not null)
        {
            return JournalPhase.Streaming;
        }

        for (var i = calls.Count - 1; i >= 0; i--)
        {
            switch (calls[i].Role)
            {
                case CallRole.Synthesizer:
                    return JournalPhase.Synthesising;
                case CallRole.Voter:
                    return JournalPhase.Voting;
                case CallRole.Generator:
                    return JournalPhase.Drafting;
                default:
                    continue;
            }
        }

        return JournalPhase.Waiting;
    }

    public static string Word(JournalPhase phase) => phase switch
    {
        JournalPhase.Drafting => "drafting",
        JournalPhase.Voting => "voting",
        JournalPhase.Synthesising => "synthesising",
        JournalPhase.Streaming => "streaming",
        JournalPhase.Finished => "finished",
        _ => "waiting",
    };
}

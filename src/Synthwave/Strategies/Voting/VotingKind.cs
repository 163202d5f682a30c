using System.Collections.Immutable;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Voting;

/// <summary>How a vote was counted. Voters are never sent tools.</summary>
internal sealed class VotingKind() : StrategyKind("voting")
{
    public static VotingKind Instance { get; } = new();

    public override bool IgnoresTools => true;

    public override ImmutableArray<string> Headers { get; } =
        ["X-MetaModel-Voters", "X-MetaModel-Vote-Failures", "X-MetaModel-Vote-Unparseable", "X-MetaModel-Verdict"];

    public override void WriteHeaders(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        if (stage is ReportStage.StreamHead || report.Votes is not { } votes)
        {
            return;
        }

        headers.Number("X-MetaModel-Voters", votes.Votes.Count);
        headers.Number("X-MetaModel-Vote-Failures", votes.Failures);
        headers.Number("X-MetaModel-Vote-Unparseable", votes.Unparseable);
        if (report.Outcome is not DispatchOutcome.Failed)
        {
            headers.Label("X-MetaModel-Verdict", ReportLabels.YesNo(votes.VerdictYes));
        }
    }
}

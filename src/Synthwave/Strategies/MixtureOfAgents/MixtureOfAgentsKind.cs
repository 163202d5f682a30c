using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Who drafted, and what was made of the drafts.</summary>
internal sealed class MixtureOfAgentsKind() : StrategyKind("moa")
{
    public static MixtureOfAgentsKind Instance { get; } = new();

    public override bool IsEnsemble => true;

    public override bool Compacts => true;

    public override ImmutableArray<string> Headers { get; } =
    [
        "X-MetaModel-Generators", "X-MetaModel-Quorum", "X-MetaModel-Fallback-Reason", "X-MetaModel-Fastpath", "X-MetaModel-Draft-Lengths",
        "X-MetaModel-Draft-Hashes", "X-MetaModel-Synth-Decision", "X-MetaModel-Degraded", "X-MetaModel-Failed-Generators",
    ];

    public override void WriteHeaders(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        if (stage is ReportStage.StreamHead)
        {
            return;
        }

        headers.Number("X-MetaModel-Generators", report.Generators);
        headers.Number("X-MetaModel-Quorum", report.Quorum);
        if (report.FailedGenerators.Count > 0)
        {
            headers.Label("X-MetaModel-Degraded", "true");
            headers.Pairs("X-MetaModel-Failed-Generators", report.FailedGenerators);
        }

        if (report.Outcome is DispatchOutcome.Failed)
        {
            return;
        }

        headers.Label("X-MetaModel-Fallback-Reason", ReportLabels.Of(report.FallbackReason));
        headers.Label("X-MetaModel-Synth-Decision", ReportLabels.Of(report.Decision));
        headers.Label("X-MetaModel-Fastpath", report.Fastpath switch { true => "true", false => "false", null => null });
        if (report.DraftLengths.Count > 0)
        {
            headers.List("X-MetaModel-Draft-Lengths", report.DraftLengths, static d => d.Value.ToString(CultureInfo.InvariantCulture));
            headers.List("X-MetaModel-Draft-Hashes", report.DraftHashes, static h => h);
        }
    }
}

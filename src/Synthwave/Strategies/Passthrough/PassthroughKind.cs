using System.Collections.Immutable;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Passthrough;

/// <summary>One upstream: its headers are known before it is asked.</summary>
internal sealed class PassthroughKind() : StrategyKind("passthrough")
{
    public static PassthroughKind Instance { get; } = new();

    public override ImmutableArray<string> Headers { get; } = ["X-MetaModel-Generators", "X-MetaModel-Quorum", "X-MetaModel-Fallback-Reason"];

    public override void WriteHeaders(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        headers.Number("X-MetaModel-Generators", report.Generators ?? 1);
        headers.Number("X-MetaModel-Quorum", report.Quorum ?? 1);
        headers.Label("X-MetaModel-Fallback-Reason", ReportLabels.Of(report.FallbackReason ?? FallbackReason.None));
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Cascade;

/// <summary>Who was tried, who answered, why the others did not.</summary>
internal sealed class CascadeKind() : StrategyKind("cascade")
{
    public static CascadeKind Instance { get; } = new();

    public override ImmutableArray<string> Headers { get; } =
    [
        "X-MetaModel-Cascade-Tried", "X-MetaModel-Cascade-Winner", "X-MetaModel-Cascade-Exhausted", "X-MetaModel-Cascade-Last-Detail",
        "X-MetaModel-Cascade-Last-Status", "X-MetaModel-Cascade-Attempts",
    ];

    public override void WriteHeaders(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        if (stage is ReportStage.StreamHead)
        {
            return;
        }

        headers.List("X-MetaModel-Cascade-Tried", report.CascadeTried, ReportHeaderWriter.Encode);
        headers.Name("X-MetaModel-Cascade-Winner", report.CascadeWinner);
        if (report.CascadeAttempts.Count > 0)
        {
            headers.Pairs("X-MetaModel-Cascade-Attempts", report.CascadeAttempts);
        }

        if (report is { CascadeWinner: null, CascadeLastDetail: { } detail })
        {
            headers.Number("X-MetaModel-Cascade-Exhausted", report.CascadeTried.Count);
            headers.Text("X-MetaModel-Cascade-Last-Detail", detail);
            headers.Label("X-MetaModel-Cascade-Last-Status", report.CascadeLastStatus?.ToString(CultureInfo.InvariantCulture) ?? "");
        }
    }
}

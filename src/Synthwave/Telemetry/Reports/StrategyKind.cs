using System.Collections.Immutable;

namespace Synthwave.Telemetry.Reports;

/// <summary>A way of answering as reports know it: its word, and what it tells in headers. Each strategy declares one; immutable.</summary>
/// <param name="word">The label in metrics, spans, log lines and traces.</param>
internal abstract class StrategyKind(string word)
{
    public string Word => word;

    /// <summary>It combines drafts: its requests are what <c>/v1/metrics/moa</c> is about.</summary>
    public virtual bool IsEnsemble => false;

    /// <summary>It may leave parts of a conversation out, so that what was sent is known only once it has settled on who is asked.</summary>
    public virtual bool Compacts => false;

    /// <summary>It never hands tools on, whatever the request brings.</summary>
    public virtual bool IgnoresTools => false;

    /// <summary>Names of the headers it may write.</summary>
    public virtual ImmutableArray<string> Headers => [];

    /// <summary>Writes what is known and settled at <paramref name="stage"/>.</summary>
    public virtual void WriteHeaders(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
    }

    public override string ToString() => word;
}

/// <summary>When headers are written: a header whose value can still change is not sent.</summary>
internal enum ReportStage
{
    /// <summary>A stream's head leaves before its strategy has settled on a model.</summary>
    StreamHead,

    /// <summary>A stream's head leaves with its first content: how the answer comes about is settled, what it costs is not.</summary>
    StreamCommitted,

    /// <summary>A JSON answer or an error: everything is known.</summary>
    Complete,
}

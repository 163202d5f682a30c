namespace Synthwave.Telemetry.Reports;

/// <summary>How an ensemble came to its answer. <see cref="ReportLabels"/> has the words.</summary>
internal enum Decision
{
    /// <summary>One draft came, or one upstream was asked.</summary>
    SingleSuccess,

    /// <summary>The drafts agreed.</summary>
    FastpathConsensus,

    /// <summary>The synthesizer wrote the answer, or made the call.</summary>
    Merged,

    /// <summary>The same after something was done to its calls, or a draft's call in its place.</summary>
    MergedWithRepair,

    /// <summary>The judge, or the most frequent call, chose a draft.</summary>
    BestOfPicked,

    /// <summary>The drafts' most frequent call, where the synthesizer wrote.</summary>
    ToolPreserved,

    /// <summary>The best draft, or its call, because no synthesis came.</summary>
    FallbackPrimary,

    /// <summary>No draft kept the request's tool contract.</summary>
    NoQuorumAfterConstraint,
}

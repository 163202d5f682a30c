namespace Synthwave.Telemetry.Reports;

/// <summary>What was given up to keep a request's caps.</summary>
internal enum DegradeStep
{
    /// <summary>Fewer calls side by side than configured.</summary>
    FewerDrafts,

    /// <summary>No synthesis: the best draft is the answer.</summary>
    BestDraft,

    /// <summary>One upstream alone.</summary>
    SingleUpstream,
}

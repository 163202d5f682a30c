namespace Synthwave.Telemetry.Reports;

/// <summary>What made an answer less than, or other than, was configured.</summary>
internal enum FallbackReason
{
    None,
    SingleSuccess,
    ReducedQuorum,
    SynthesizerFallback,
    InsufficientBudget,
    SynthFailedPickedPrimary,
    UndeclaredToolRepaired,
    ToolRequiredRepaired,
    ToolChoiceRepaired,
    ParallelViolationTrimmed,
    ToolChoiceNoneStripped,
    NoQuorumAfterConstraint,
}

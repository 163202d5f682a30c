using Synthwave.Configuration;

namespace Synthwave.Telemetry.Reports;

/// <summary>The closed sets of words that metrics, spans, the log line and the trace object share.</summary>
internal static class ReportLabels
{
    /// <summary>Stands for a name that is not in the file.</summary>
    public const string Unknown = "-";

    /// <summary>Decision, reason and error code of an ensemble whose answers all broke the request's tool contract.</summary>
    public const string NoQuorumAfterConstraint = "no_quorum_after_constraint";

    public static string Of(CallRole role) => role switch
    {
        CallRole.Passthrough => "passthrough",
        CallRole.Member => "member",
        CallRole.Generator => "generator",
        CallRole.Synthesizer => "synthesizer",
        CallRole.Voter => "voter",
        CallRole.Describer => "describer",
        _ => Unknown,
    };

    /// <summary>A call nobody waited for counts as cancelled: when a request is over, what still runs was cut.</summary>
    public static string Of(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Succeeded => "success",
        CallOutcome.Failed => "failed",
        _ => "cancelled",
    };

    /// <summary>A request that ended without anybody saying how has failed.</summary>
    public static string Of(DispatchOutcome outcome) => outcome switch
    {
        DispatchOutcome.Success => "success",
        DispatchOutcome.Degraded => "degraded",
        DispatchOutcome.Cancelled => "cancelled",
        _ => "failed",
    };

    public static string Of(Decision decision) => decision switch
    {
        Decision.SingleSuccess => "single_success",
        Decision.FastpathConsensus => "fastpath_consensus",
        Decision.Merged => "merged",
        Decision.MergedWithRepair => "merged_with_repair",
        Decision.BestOfPicked => "best_of_picked",
        Decision.ToolPreserved => "tool_preserved",
        Decision.FallbackPrimary => "fallback_primary",
        Decision.NoQuorumAfterConstraint => NoQuorumAfterConstraint,
        _ => Unknown,
    };

    /// <summary>Null = none was made.</summary>
    public static string? Of(Decision? decision) => decision is { } made ? Of(made) : null;

    public static string Of(FallbackReason reason) => reason switch
    {
        FallbackReason.None => "none",
        FallbackReason.SingleSuccess => "single_success",
        FallbackReason.ReducedQuorum => "reduced_quorum",
        FallbackReason.SynthesizerFallback => "synthesizer_fallback",
        FallbackReason.InsufficientBudget => "insufficient_budget",
        FallbackReason.SynthFailedPickedPrimary => "synth_failed_picked_primary",
        FallbackReason.UndeclaredToolRepaired => "undeclared_tool_repaired",
        FallbackReason.ToolRequiredRepaired => "tool_required_repaired",
        FallbackReason.ToolChoiceRepaired => "tool_choice_repaired",
        FallbackReason.ParallelViolationTrimmed => "parallel_violation_trimmed",
        FallbackReason.ToolChoiceNoneStripped => "tool_choice_none_stripped",
        FallbackReason.NoQuorumAfterConstraint => NoQuorumAfterConstraint,
        _ => Unknown,
    };

    /// <summary>Null = the strategy has no such label.</summary>
    public static string? Of(FallbackReason? reason) => reason is { } known ? Of(known) : null;

    public static string Of(DegradeStep step) => step switch
    {
        DegradeStep.FewerDrafts => "fewer_drafts",
        DegradeStep.BestDraft => "best_draft",
        DegradeStep.SingleUpstream => "single_upstream",
        _ => Unknown,
    };

    public static string Of(LogThreshold level) => level switch
    {
        LogThreshold.Debug => "debug",
        LogThreshold.Info => "info",
        LogThreshold.Warning => "warning",
        _ => "error",
    };

    public static string YesNo(bool yes) => yes ? "yes" : "no";
}

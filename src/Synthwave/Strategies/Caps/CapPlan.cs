using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Caps;

/// <summary>A call as the planner sees it.</summary>
/// <param name="Upstream">Who would be called.</param>
/// <param name="WorstCaseUsd">What it costs at worst; null = no price.</param>
internal readonly record struct CappedCall(string Upstream, decimal? WorstCaseUsd);

/// <summary>What of a profile's calls fits a request's caps.</summary>
internal sealed record CapPlan
{
    /// <summary>The plan where nothing is capped: <paramref name="members"/> calls and what combines them.</summary>
    public static CapPlan Everything(int members) => new() { Members = [.. Enumerable.Range(0, members)] };

    /// <summary>Positions of the calls to make, ascending; of the single upstreams when <see cref="IsSingle"/>.</summary>
    public ImmutableArray<int> Members { get; init; } = [];

    /// <summary>Whether drafts are combined (always true where there is nothing to give up).</summary>
    public bool Synthesizes { get; init; } = true;

    /// <summary>One upstream answers alone.</summary>
    public bool IsSingle { get; init; }

    /// <summary>What was given up, in the order of its kinds.</summary>
    public ImmutableArray<DegradeStep> Degraded { get; init; } = [];

    /// <summary>All planned calls; 0 = uncounted, no cap asks.</summary>
    public int Calls { get; init; }

    /// <summary>All planned calls at their worst; null = some have no price and no cap asks for one.</summary>
    public decimal? WorstCaseUsd { get; init; }

    /// <summary>Not even one call fits; null = the plan holds.</summary>
    public GatewayError? Error { get; init; }
}

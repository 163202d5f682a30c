using System.Collections.Immutable;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Api.Endpoints.Admin;

/// <summary>How one upstream is now. What is unknown is null.</summary>
internal sealed record UpstreamStatus
{
    public required string Name { get; init; }

    /// <summary>The configured <c>model_id</c>.</summary>
    public required string Model { get; init; }

    /// <summary>What the last look found: <c>up down auth_failed misconfigured unknown</c>.</summary>
    public required string Health { get; init; }

    /// <summary>Whether calls are refused because it failed repeatedly: <c>closed</c> or <c>open</c>.</summary>
    public required string Breaker { get; init; }

    /// <summary>Why an ordinary call would not be made now: <c>circuit_open</c> or <c>rate_limited</c>; null = it would.</summary>
    public string? Resting { get; init; }

    public double? RestingSecs { get; init; }

    public DateTimeOffset? RestingUntil { get; init; }

    public int InFlight { get; init; }

    public int? MaxConcurrency { get; init; }

    /// <summary>Its drafts were too late three times in a row, so that nobody need wait for it.</summary>
    public bool Late { get; init; }

    /// <summary>Times to completion; null before there are 20 of them.</summary>
    public Quantiles? LatencyMs { get; init; }

    /// <summary>Times to the first content of streamed calls; null before there are 20 of them.</summary>
    public Quantiles? FirstContentMs { get; init; }

    public static UpstreamStatus Of(UpstreamClient upstream, HealthState health, TimeProvider time)
    {
        var state = upstream.State;
        var rest = state.Breaker.RemainingRest is var open && open > TimeSpan.Zero ? open : state.Rest.Remaining;
        var resting = state.Resting;
        return new UpstreamStatus
        {
            Name = upstream.Config.Name,
            Model = upstream.Config.ModelId,
            Health = Word(health),
            Breaker = open > TimeSpan.Zero ? "open" : "closed",
            Resting = resting switch
            {
                null => null,
                RestReason.CircuitOpen => "circuit_open",
                _ => "rate_limited",
            },
            RestingSecs = resting is null ? null : Math.Round(rest.TotalSeconds, 1),
            RestingUntil = resting is null ? null : time.GetUtcNow() + rest,
            InFlight = state.InFlight,
            MaxConcurrency = upstream.Config.MaxConcurrency,
            Late = state.Stragglers.IsLate,
            LatencyMs = Quantiles.Of(state.Latency),
            FirstContentMs = Quantiles.Of(state.FirstContent),
        };
    }

    private static string Word(HealthState state) => state switch
    {
        HealthState.Up => "up",
        HealthState.Down => "down",
        HealthState.AuthFailed => "auth_failed",
        HealthState.Misconfigured => "misconfigured",
        _ => "unknown",
    };
}

/// <summary>Half, 95 and 99 of a hundred calls took no longer than so many milliseconds.</summary>
internal sealed record Quantiles(double P50, double P95, double P99)
{
    public static Quantiles? Of(LatencyQuantiles observed) =>
        observed.Quantile(0.5) is { } p50 && observed.Quantile(0.95) is { } p95 && observed.Quantile(0.99) is { } p99
            ? new(Math.Round(p50.TotalMilliseconds, 1), Math.Round(p95.TotalMilliseconds, 1), Math.Round(p99.TotalMilliseconds, 1))
            : null;
}

/// <summary>The upstreams in file order.</summary>
internal sealed record UpstreamStatuses(DateTimeOffset Time, ImmutableArray<UpstreamStatus> Upstreams);

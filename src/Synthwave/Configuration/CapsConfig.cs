namespace Synthwave.Configuration;

/// <summary>Limits checked before any call is made; null = none.</summary>
internal sealed record CapsConfig
{
    /// <summary>No cap at all.</summary>
    public static CapsConfig None { get; } = new();

    public int? MaxCalls { get; init; }

    public decimal? MaxCostUsd { get; init; }

    public TimeSpan? MaxLatency { get; init; }

    /// <summary>Whether calls must be counted before they are made.</summary>
    public bool LimitsCalls => MaxCalls is not null || MaxCostUsd is not null;
}

namespace Synthwave.Upstreams.Health;

/// <summary>One upstream's health as readiness reports it. Why it is so stands in the log only.</summary>
internal readonly record struct UpstreamHealth(string Name, HealthStatus Status)
{
    public bool IsUp => Status == HealthStatus.Up;

    /// <summary>The label in health documents: <c>up</c>, <c>down</c>, <c>auth_failed</c>, <c>misconfigured</c>.</summary>
    public string Reason => Status switch
    {
        HealthStatus.Up => "up",
        HealthStatus.Down => "down",
        HealthStatus.AuthFailed => "auth_failed",
        _ => "misconfigured",
    };
}

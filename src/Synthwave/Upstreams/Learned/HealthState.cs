namespace Synthwave.Upstreams.Learned;

/// <summary>An upstream by its name in the file, and how it is.</summary>
internal readonly record struct UpstreamHealth(string Upstream, HealthState State);

internal enum HealthState
{
    /// <summary>Not probed yet.</summary>
    Unknown,
    Up,
    Down,
    AuthFailed,
    Misconfigured,
}

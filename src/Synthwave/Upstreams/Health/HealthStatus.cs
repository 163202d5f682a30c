namespace Synthwave.Upstreams.Health;

/// <summary>What a probe found.</summary>
internal enum HealthStatus
{
    /// <summary>The endpoint answers and knows the model.</summary>
    Up,

    /// <summary>No connection, no answer in time, or a 5xx.</summary>
    Down,

    /// <summary>401 or 403.</summary>
    AuthFailed,

    /// <summary>An endpoint that answers, but not as configured: no such model, no catalog, no usable URL, a missing key variable.</summary>
    Misconfigured,
}

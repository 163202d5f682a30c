namespace Synthwave.Upstreams.Learned;

/// <summary>Why an upstream is not asked now.</summary>
internal enum RestReason
{
    /// <summary>It failed repeatedly.</summary>
    CircuitOpen,

    /// <summary>It said when it wants to be asked again.</summary>
    RateLimited,
}

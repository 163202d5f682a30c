using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Health;

/// <summary>A probe's result. <paramref name="Detail"/> is for the log: no URL, no key, no upstream text.</summary>
/// <param name="Status">How the upstream is.</param>
/// <param name="Detail">Why.</param>
/// <param name="IsUnlisted">The endpoint has no list of models, so that only its calls tell.</param>
internal readonly record struct HealthFinding(HealthState Status, string Detail, bool IsUnlisted = false)
{
    /// <summary>The status that decided; null = none did.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>Where the way is broken.</summary>
    public TransportTrouble Trouble { get; init; }

    /// <summary>There was no answer in time.</summary>
    public bool HasTimedOut { get; init; }

    /// <summary>There is a list of models, and the model is not on it.</summary>
    public bool IsNotListed { get; init; }
}

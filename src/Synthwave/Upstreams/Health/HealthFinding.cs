using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Health;

/// <summary>A probe's result. <paramref name="Detail"/> is for the log: no URL, no key, no upstream text.</summary>
/// <param name="Status">How the upstream is.</param>
/// <param name="Detail">Why.</param>
/// <param name="IsUnlisted">The endpoint has no list of models, so that only its calls tell.</param>
internal readonly record struct HealthFinding(HealthState Status, string Detail, bool IsUnlisted = false);

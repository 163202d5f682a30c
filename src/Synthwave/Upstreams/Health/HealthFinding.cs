using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Health;

/// <summary>A probe's result. <paramref name="Detail"/> is for the log: no URL, no key, no upstream text.</summary>
internal readonly record struct HealthFinding(HealthState Status, string Detail);

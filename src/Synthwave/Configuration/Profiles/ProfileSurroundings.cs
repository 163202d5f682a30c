namespace Synthwave.Configuration.Profiles;

/// <summary>What a profile's rules may look at outside its own table.</summary>
/// <param name="RequestTimeout">Time for a whole answer.</param>
/// <param name="Upstream">Finds an upstream; null = there is none of the name, or its table is broken.</param>
internal sealed record ProfileSurroundings(TimeSpan RequestTimeout, Func<string, UpstreamConfig?> Upstream);

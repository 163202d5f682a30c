using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Loading;

/// <summary>An upstream as read, with the table it came from.</summary>
internal sealed record LoadedUpstream(UpstreamConfig Config, SectionReader Section);

/// <summary>A profile as read, with the table it came from.</summary>
/// <param name="Name">The key of its table.</param>
/// <param name="Section">The table.</param>
/// <param name="Kind">Null when the table names no kind.</param>
/// <param name="Config">Null when the table names no kind.</param>
internal sealed record LoadedProfile(string Name, SectionReader Section, ProfileKind? Kind, ProfileConfig? Config);

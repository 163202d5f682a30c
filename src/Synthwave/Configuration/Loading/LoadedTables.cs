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

/// <summary>A provider's table as read.</summary>
internal sealed record LoadedProvider(ProviderConfig Config, SectionReader Section);

/// <summary>An upstream's table with what its provider tells.</summary>
/// <param name="Section">What is read: the table as it is written, or filled up.</param>
internal sealed record FilledUpstream(SectionReader Section)
{
    /// <summary>Whether the variable of the key is one of the provider's, and not named by anybody.</summary>
    public bool HasKnownKey { get; init; }

    /// <summary>Whether the base URL cannot be known, which is told already.</summary>
    public bool LacksUrl { get; init; }
}

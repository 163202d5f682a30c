using System.Collections.Immutable;

namespace Synthwave.Configuration.Binding;

/// <summary>An upstream as read, with the table it came from.</summary>
/// <param name="Config">The upstream.</param>
/// <param name="Section">The table it came from.</param>
/// <param name="HedgeTarget">The upstream its hedge names, if any.</param>
internal sealed record BoundUpstream(UpstreamConfig Config, SectionReader Section, NamedEntry? HedgeTarget);

/// <summary>A profile as read, with the places of the names in it.</summary>
/// <param name="Name">The key of its table.</param>
/// <param name="Section">The table it came from.</param>
/// <param name="Config">Null when not even the type could be read.</param>
/// <param name="References">Every upstream the profile names, in the order they are written.</param>
/// <param name="Aliases">Its aliases that are well formed.</param>
internal sealed record BoundProfile(
    string Name,
    SectionReader Section,
    ProfileConfig? Config,
    ImmutableArray<NamedEntry> References,
    ImmutableArray<NamedEntry> Aliases);

/// <summary><c>[vision]</c>, <c>[video]</c> or <c>[audio]</c> with the places of its endpoints.</summary>
internal sealed record BoundModality<T>(T Config, SectionReader? Section, ImmutableArray<NamedEntry> Endpoints)
    where T : ModalityConfig;

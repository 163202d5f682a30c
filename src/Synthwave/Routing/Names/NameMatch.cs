using Synthwave.Configuration;

namespace Synthwave.Routing.Names;

/// <summary>What a name in a request means. The family is closed.</summary>
internal abstract record NameMatch
{
    private NameMatch()
    {
    }

    /// <summary>Whoever answers to the name; null = nobody does.</summary>
    public virtual ProfileConfig? Callable => null;

    /// <summary>A configured profile, by its name, an alias or the brand.</summary>
    public sealed record Found(ProfileConfig Profile) : NameMatch
    {
        public override ProfileConfig Callable => Profile;
    }

    /// <summary>An upstream called directly: a profile that passes everything through to it, named like it.</summary>
    public sealed record Raw(PassthroughProfileConfig Profile, UpstreamConfig Upstream) : NameMatch
    {
        public override ProfileConfig Callable => Profile;
    }

    /// <summary>A voting profile while voting is switched off.</summary>
    public sealed record VotingDisabled(VotingProfileConfig Profile) : NameMatch;

    public sealed record NotFound : NameMatch
    {
        public static NotFound Instance { get; } = new();
    }
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Strategies.Cascade;
using Synthwave.Strategies.Media;
using Synthwave.Strategies.MixtureOfAgents;
using Synthwave.Strategies.Passthrough;
using Synthwave.Strategies.Voting;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Which strategy answers which kind of profile. A new one is a folder under <c>Strategies</c> and a line here.</summary>
internal static class StrategyRegistry
{
    private static readonly ImmutableArray<Entry> Entries =
    [
        Of<PassthroughProfileConfig>(PassthroughKind.Instance, PassthroughStrategy.Of),
        Of<CascadeProfileConfig>(CascadeKind.Instance, CascadeStrategy.Of),
        Of<MoaProfileConfig>(MixtureOfAgentsKind.Instance, MixtureOfAgentsStrategy.Of),
        Of<VotingProfileConfig>(VotingKind.Instance, VotingStrategy.Of),
    ];

    private static readonly FrozenDictionary<Type, Entry> ByProfile = Entries.ToFrozenDictionary(static e => e.Profile);

    /// <summary>What reports may say of how a request was answered.</summary>
    public static ImmutableArray<StrategyKind> Kinds { get; } = [.. Entries.Select(static e => e.Kind), MultimodalKind.Instance];

    /// <summary>The strategy of <paramref name="profile"/>, built from live upstreams.</summary>
    public static IStrategy Create(ProfileConfig profile, Func<string, IUpstream> upstream) => ByProfile[profile.GetType()].Create(profile, upstream);

    private static Entry Of<T>(StrategyKind kind, Func<T, Func<string, IUpstream>, IStrategy> create)
        where T : ProfileConfig => new(typeof(T), kind, (profile, upstream) => create((T)profile, upstream));

    private sealed record Entry(Type Profile, StrategyKind Kind, Func<ProfileConfig, Func<string, IUpstream>, IStrategy> Create);
}

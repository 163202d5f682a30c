using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Strategies.Cascade;
using Synthwave.Strategies.MixtureOfAgents;
using Synthwave.Strategies.Passthrough;
using Synthwave.Strategies.Voting;
using Synthwave.Upstreams;

namespace Synthwave.Routing;

/// <summary>Profile → the strategy that answers it.</summary>
internal static class StrategyFactory
{
    public static IStrategy Create(ProfileConfig profile, Func<string, IUpstream> upstream) => profile switch
    {
        PassthroughProfileConfig raw => new PassthroughStrategy(upstream(raw.Upstream), raw.ExposeReasoning, raw.Rescue is not RescuePolicy.Off, stripTools: false),
        MoaProfileConfig { IsPassthrough: true } moa => new PassthroughStrategy(
            upstream(moa.Synthesizer), moa.ExposeReasoning, moa.Rescue is not RescuePolicy.Off, moa.StripTools),
        MoaProfileConfig moa => new MixtureOfAgentsStrategy(moa, upstream),
        CascadeProfileConfig cascade => new CascadeStrategy(cascade, [.. cascade.Upstreams.Select(upstream)]),
        VotingProfileConfig voting => new VotingStrategy(voting, upstream),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile.Type, "No strategy for this profile type."),
    };
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.Strategies;
using Synthwave.Strategies.Media;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Routing;

/// <summary>
/// Who answers a request whose newest turn holds images, video or audio, in this order: the target's own members that can read them; for images before an
/// ensemble with <c>two_stage</c>, the ensemble after they were described; the server's endpoints for the kind. Routes are built when first asked for and
/// kept. Thread-safe.
/// </summary>
internal sealed class MediaRoutes(GatewayConfig config, UpstreamSet upstreams, DescriptionCache descriptions)
{
    private static readonly ImmutableArray<(Modalities Modality, string Kind)> Kinds = [(Modalities.Image, "vision"), (Modalities.Video, "video"), (Modalities.Audio, "audio")];

    private readonly ImageDescriptions _descriptions = new(config.Vision, [.. config.Vision.Endpoints.Select(n => upstreams[n])], descriptions);

    private readonly ConcurrentDictionary<(string Name, bool IsRaw, Modalities Needed), IStrategy?> _known = new();

    /// <summary>The word for the first kind that is needed.</summary>
    public static string KindOf(Modalities needed) => Kinds.First(k => needed.HasFlag(k.Modality)).Kind;

    /// <summary>See <see cref="Describe"/>.</summary>
    public Func<ReadOnlyMemory<byte>, string?> DescribeImage => field ??= Describe;

    /// <summary>What is said of an image of an earlier turn to a model that cannot see it; null = it was never described.</summary>
    private string? Describe(ReadOnlyMemory<byte> part) =>
        config.Vision.TwoStage && _descriptions.Find(part) is { } description ? ImageDescriptions.Tell("Image", description) : null;

    /// <summary>Null = nobody can read all of <paramref name="needed"/>.</summary>
    public Route? Find(Route target, NameMatch match, Modalities needed)
    {
        var strategy = _known.GetOrAdd((target.Name, match is NameMatch.Raw, needed), _ => Build(target, match, needed));
        return strategy is null ? null : target with { Strategy = strategy };
    }

    private IStrategy? Build(Route target, NameMatch match, Modalities needed)
    {
        ProfileConfig? profile = match switch
        {
            NameMatch.Raw raw => raw.Profile,
            NameMatch.Found found => found.Profile,
            _ => null,
        };
        var able = profile?.Only(member => Reads(member, needed));
        var own = able is null ? null : ReferenceEquals(able, profile) ? target.Strategy : StrategyFactory.Create(able, name => upstreams[name]);
        if (own is not null)
        {
            return own;
        }

        var exposes = profile is { ExposeReasoning: true };
        if (List(needed) is not { } list)
        {
            return null;
        }

        var cascade = new MediaCascade(list.Kind, list.Endpoints, target.Name, exposes);
        var isEnsemble = profile is PassthroughProfileConfig or MoaProfileConfig;
        return config.Vision.TwoStage && isEnsemble && needed == (Modalities.Text | Modalities.Image)
            ? new DescribeThenAnswer(config.Vision, list.Endpoints, target.Strategy, cascade, _descriptions)
            : cascade;
    }

    private (string Kind, ImmutableArray<IUpstream> Endpoints)? List(Modalities needed)
    {
        foreach (var (modality, kind) in Kinds)
        {
            var names = modality switch { Modalities.Image => config.Vision.Endpoints, Modalities.Video => config.Video.Endpoints, _ => config.Audio.Endpoints };
            ImmutableArray<IUpstream> able = [.. names.Where(n => needed.HasFlag(modality) && Reads(n, needed)).Select(n => upstreams[n])];
            if (!able.IsEmpty)
            {
                return (kind, able);
            }
        }

        return null;
    }

    private bool Reads(string upstream, Modalities needed) => upstreams[upstream].Config.Modalities.HasFlag(needed);
}

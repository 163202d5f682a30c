using System.Collections.Concurrent;
using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Strategies.Media;
using Synthwave.Strategies.Prompts;
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
        config.Vision.TwoStage && _descriptions.Find(part) is { } description ? ImageWords.Told("Image", description) : null;

    /// <summary>Null = nobody can read all of <paramref name="needed"/>.</summary>
    public Route? Find(Route target, Modalities needed)
    {
        var strategy = _known.GetOrAdd((target.Name, target.Profile is PassthroughProfileConfig, needed), _ => Build(target, needed));
        return strategy is null ? null : target with { Strategy = strategy };
    }

    private IStrategy? Build(Route target, Modalities needed)
    {
        var profile = target.Profile;
        if (profile.Only(member => Reads(member, needed)) is { } able)
        {
            return ReferenceEquals(able, profile) ? target.Strategy : StrategyRegistry.Create(able, name => upstreams[name]);
        }

        if (List(needed) is not { } list)
        {
            return null;
        }

        var cascade = new MediaCascade(list.Kind, list.Endpoints, target.Name, profile.ExposeReasoning);
        return config.Vision.TwoStage && profile.ReadsDescriptions && needed == (Modalities.Text | Modalities.Image)
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

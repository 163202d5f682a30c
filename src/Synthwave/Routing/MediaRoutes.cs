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
/// ensemble with <c>two_stage</c>, the ensemble after they were described; the server's endpoints for the kind. The same for a request that holds what the
/// gateway does not know: only members that are sent it as it came can read it. Files are read by members that say so, by Anthropic's models, and by chat servers that
/// are sent them as they came. Routes are built when first asked for and kept. Thread-safe.
/// </summary>
internal sealed class MediaRoutes(GatewayConfig config, UpstreamSet upstreams, DescriptionCache descriptions)
{
    private static readonly ImmutableArray<(Modalities Modality, string Kind)> Kinds = [(Modalities.Image, "vision"), (Modalities.Video, "video"), (Modalities.Audio, "audio")];

    private readonly ImageDescriptions _descriptions = new(config.Vision, [.. config.Vision.Endpoints.Select(n => upstreams[n])], descriptions);

    private readonly ConcurrentDictionary<(string Name, bool IsRaw, Modalities Needed, bool IsForeign), IStrategy?> _known = new();

    /// <summary>The word for the first kind that is needed.</summary>
    public static string KindOf(Modalities needed) => Kinds.First(k => needed.HasFlag(k.Modality)).Kind;

    /// <summary>What is said of an image of an earlier turn to a model that cannot see it, given its raw part; null = it was never described for the client.</summary>
    /// <param name="kinds">What the conversation holds.</param>
    /// <param name="owner">The client; null = one that shows no credential.</param>
    public Func<ReadOnlyMemory<byte>, string?> DescriberFor(Modalities kinds, string? owner) => !config.Vision.TwoStage || !kinds.HasFlag(Modalities.Image)
        ? static _ => null
        : part => _descriptions.Find(part, owner) is { } description ? ImageWords.Told("Image", description) : null;

    /// <summary>Null = nobody can read all of <paramref name="needed"/>.</summary>
    /// <param name="target">Who was asked for.</param>
    /// <param name="needed">What the newest turn holds.</param>
    /// <param name="isForeign">The request also holds what the gateway does not know.</param>
    public Route? Find(Route target, Modalities needed, bool isForeign)
    {
        var strategy = _known.GetOrAdd((target.Name, target.Profile is PassthroughProfileConfig, needed, isForeign), _ => Build(target, needed, isForeign));
        return strategy is null ? null : target with { Strategy = strategy };
    }

    private IStrategy? Build(Route target, Modalities needed, bool isForeign)
    {
        var profile = target.Profile;
        if (isForeign && !profile.PassesOn)
        {
            return null;
        }

        if (profile.Only(member => Reads(member, needed, isForeign, profile.PassesOn)) is { } able)
        {
            return ReferenceEquals(able, profile) ? target.Strategy : StrategyRegistry.Create(able, name => upstreams[name]);
        }

        if (List(needed, isForeign) is not { } list)
        {
            return null;
        }

        var cascade = new MediaCascade(list.Kind, list.Endpoints, target.Name, profile.ExposeReasoning);
        return config.Vision.TwoStage && !isForeign && profile.ReadsDescriptions && needed == (Modalities.Text | Modalities.Image)
            ? new DescribeThenAnswer(config.Vision, list.Endpoints, target.Strategy, cascade, _descriptions)
            : cascade;
    }

    private (string Kind, ImmutableArray<IUpstream> Endpoints)? List(Modalities needed, bool isForeign)
    {
        foreach (var (modality, kind) in Kinds)
        {
            var names = modality switch { Modalities.Image => config.Vision.Endpoints, Modalities.Video => config.Video.Endpoints, _ => config.Audio.Endpoints };
            ImmutableArray<IUpstream> able = [.. names.Where(n => needed.HasFlag(modality) && Reads(n, needed, isForeign, passesOn: false)).Select(n => upstreams[n])];
            if (!able.IsEmpty)
            {
                return (kind, able);
            }
        }

        return null;
    }

    private bool Reads(string upstream, Modalities needed, bool isForeign, bool passesOn) =>
        upstreams[upstream].Config is var config && (config.Readable | (passesOn ? Modalities.File : Modalities.None)).HasFlag(needed) && (!isForeign || config.Protocol is UpstreamProtocol.OpenAi);
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Routing.Names;

/// <summary>
/// Every name of one configuration: what a request's name means, which names are listed, and what each promises. Built once a
/// configuration; immutable, safe to share between threads.
/// </summary>
internal sealed class ModelNames
{
    private readonly GatewayConfig _config;
    private readonly FrozenDictionary<string, ProfileConfig> _profiles;
    private readonly FrozenDictionary<string, ProfileConfig> _aliases;
    private readonly FrozenDictionary<string, UpstreamConfig> _upstreams;
    private readonly FrozenDictionary<string, NameMatch.Raw> _raw;
    private readonly string? _foldedBrand;

    /// <param name="config">A configuration that loaded without errors.</param>
    public ModelNames(GatewayConfig config)
    {
        _config = config;
        _profiles = config.Profiles.ToFrozenDictionary(p => p.Name, StringComparer.Ordinal);
        _aliases = config.Profiles
            .SelectMany(p => p.Aliases, (profile, alias) => (Key: NameFolding.Fold(alias), Profile: profile))
            .ToFrozenDictionary(a => a.Key, a => a.Profile, StringComparer.Ordinal);
        _upstreams = config.Upstreams.ToFrozenDictionary(u => u.Name, StringComparer.Ordinal);
        _raw = config.Upstreams.ToFrozenDictionary(u => u.Name, u => new NameMatch.Raw(new PassthroughProfileConfig { Name = u.Name, Upstream = u.Name }, u), StringComparer.Ordinal);
        _foldedBrand = config.Server.ModelName is { } brand ? NameFolding.Fold(brand) : null;
        BrandProfile = ResolveBrand();
        Listing = [.. List()];
    }

    /// <summary>Every upstream as a profile of its own: callable, not listed.</summary>
    public IEnumerable<ProfileConfig> RawProfiles => _raw.Values.Select(static r => r.Profile);

    /// <summary>The profile the brand means; null without a brand, or when no profile can answer to it.</summary>
    public ProfileConfig? BrandProfile { get; }

    /// <summary>
    /// The names shown to clients: the brand, callable profiles by name, aliases by name. An alias equal to the brand is listed once, as
    /// the brand. Upstreams are callable but not listed.
    /// </summary>
    public ImmutableArray<ListedModel> Listing { get; }

    /// <summary>In order: exact profile name, alias, brand (both ignoring case), exact upstream name.</summary>
    public NameMatch Resolve(string name)
    {
        if (_profiles.TryGetValue(name, out var profile))
        {
            return Gated(profile);
        }

        var folded = NameFolding.Fold(name);
        if (_aliases.TryGetValue(folded, out var aliased))
        {
            return Gated(aliased);
        }

        if (string.Equals(folded, _foldedBrand, StringComparison.Ordinal))
        {
            return BrandProfile is null ? NameMatch.NotFound.Instance : Gated(BrandProfile);
        }

        return _raw.TryGetValue(name, out var raw) ? raw : NameMatch.NotFound.Instance;
    }

    /// <summary>What a profile promises; also for the profile of a <see cref="NameMatch.Raw"/> match.</summary>
    public ModelCapabilities CapabilitiesOf(ProfileConfig profile)
    {
        UpstreamConfig Find(string member) => _upstreams[member];
        return new ModelCapabilities
        {
            MaxModelLength = (int)Math.Clamp(profile.Window(Find), 0, int.MaxValue),
            FunctionCalling = profile.CallsFunctions(Find),
            Thinking = profile.ExposeReasoning && profile.Thinks(Find),
            ReasoningVisible = profile.ExposeReasoning,
            Vision = !_config.Vision.Endpoints.IsEmpty,
            Video = !_config.Video.Endpoints.IsEmpty,
            Audio = !_config.Audio.Endpoints.IsEmpty,
            SupportsImageTools = _config.Vision.Endpoints.Any(e => _upstreams[e].SupportsFunctionCalling),
        };
    }

    private NameMatch Gated(ProfileConfig profile) =>
        profile is VotingProfileConfig voting && !_config.VotingEnabled ? new NameMatch.VotingDisabled(voting) : new NameMatch.Found(profile);

    private ProfileConfig? ResolveBrand()
    {
        if (_foldedBrand is null)
        {
            return null;
        }

        if (_aliases.TryGetValue(_foldedBrand, out var aliased))
        {
            return aliased;
        }

        return _config.Server.ModelNameProfile is { } chosen
            ? _profiles.GetValueOrDefault(chosen)
            : _config.Profiles.FirstOrDefault(p => p is not VotingProfileConfig);
    }

    private IEnumerable<ListedModel> List()
    {
        if (BrandProfile is { } branded && Gated(branded) is NameMatch.Found)
        {
            yield return new ListedModel(_config.Server.ModelName!, branded, null); // A brand profile presupposes a brand.
        }

        var callable = _config.Profiles.Where(p => Gated(p) is NameMatch.Found).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        foreach (var profile in callable)
        {
            yield return new ListedModel(profile.Name, profile, null);
        }

        var aliases = callable
            .SelectMany(p => p.Aliases, (profile, alias) => new ListedModel(alias, profile, profile.Name))
            .Where(m => !string.Equals(NameFolding.Fold(m.Id), _foldedBrand, StringComparison.Ordinal))
            .OrderBy(m => m.Id, StringComparer.Ordinal)
            .ThenBy(m => m.Profile.Name, StringComparer.Ordinal);
        foreach (var alias in aliases)
        {
            yield return alias;
        }
    }
}

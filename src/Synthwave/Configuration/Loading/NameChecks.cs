using System.Collections.Immutable;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// One namespace for profiles, upstreams, aliases and the brand, in which letter case makes no difference. The one exception: the brand
/// may equal an alias and then means that alias's profile.
/// </summary>
internal sealed class NameChecks(ProblemList problems)
{
    private readonly Dictionary<string, (string Kind, string Name)> _taken = new(StringComparer.Ordinal);

    public void Check(
        IReadOnlyList<(string Name, TomlPosition Position, string Key)> profileNames,
        IReadOnlyList<(string Name, TomlPosition Position, string Key)> upstreamNames,
        IReadOnlyList<LoadedProfile> profiles,
        SectionReader server,
        ServerConfig serverConfig)
    {
        foreach (var (name, position, key) in profileNames)
        {
            Register("profile", name, position, key);
            WarnOfUnsafeName("profile", name, position, key);
        }

        foreach (var (name, position, key) in upstreamNames)
        {
            Register("upstream", name, position, key);
            WarnOfUnsafeName("upstream", name, position, key);
        }

        foreach (var (profile, alias) in profiles.SelectMany(p => AliasesOf(p), (profile, alias) => (profile, alias)))
        {
            var (position, key) = profile.Section.PlaceOf(ProfileTable.Aliases, alias);
            Register("alias", alias, position, key);
        }

        if (serverConfig.ModelName is { } brand)
        {
            CheckBrand(brand, profiles, server, serverConfig);
        }
        else if (serverConfig.ModelNameProfile is not null)
        {
            server.Warn(ServerTable.ModelNameProfile, "has no effect without model_name");
        }

        if (serverConfig.ModelNameProfile is { } target)
        {
            CheckBrandTarget(target, profiles, server);
        }
    }

    private void CheckBrand(string brand, IReadOnlyList<LoadedProfile> profiles, SectionReader server, ServerConfig serverConfig)
    {
        var folded = NameFolding.Fold(brand);
        var aliased = profiles.FirstOrDefault(p => AliasesOf(p).Any(a => NameFolding.Fold(a) == folded));
        if (_taken.TryGetValue(folded, out var taken) && taken.Kind != "alias")
        {
            Register("model_name", brand, server.PositionOf(ServerTable.ModelName), server.PathOf(ServerTable.ModelName));
        }
        else if (aliased is not null)
        {
            if (serverConfig.ModelNameProfile is { } target && target != aliased.Name)
            {
                server.Warn(ServerTable.ModelNameProfile, $"has no effect: model_name equals an alias of profile '{aliased.Name}' and means that profile");
            }
        }
        else if (serverConfig.ModelNameProfile is null)
        {
            WarnOfImplicitTarget(profiles, server);
        }
    }

    private static void WarnOfImplicitTarget(IReadOnlyList<LoadedProfile> profiles, SectionReader server)
    {
        var candidates = profiles.Where(p => p.Config is not (null or VotingProfileConfig)).ToList();
        switch (candidates)
        {
            case []:
                server.Warn(ServerTable.ModelName, "no profile answers to it: it takes one that does not vote");
                break;
            case [var first, _, ..]:
                server.Warn(
                    ServerTable.ModelName,
                    $"means '{first.Name}', the first of {candidates.Count} profiles in the file",
                    "name the profile with model_name_profile, so that the order of the file decides nothing");
                break;
        }
    }

    private static void CheckBrandTarget(string target, IReadOnlyList<LoadedProfile> profiles, SectionReader server)
    {
        var profile = profiles.FirstOrDefault(p => p.Name == target);
        if (profile is null)
        {
            server.Error(ServerTable.ModelNameProfile, $"'{target}' is not a defined profile", Suggestion.For(target, profiles.Select(p => p.Name)));
        }
        else if (profile.Config is VotingProfileConfig)
        {
            server.Error(ServerTable.ModelNameProfile, $"'{target}' is a voting profile", "the brand takes a profile that does not vote");
        }
    }

    private static ImmutableArray<string> AliasesOf(LoadedProfile profile) => profile.Config?.Aliases ?? [];

    private void Register(string kind, string name, TomlPosition position, string key)
    {
        var folded = NameFolding.Fold(name);
        if (_taken.TryGetValue(folded, out var earlier))
        {
            problems.Error(position, key, $"{kind} '{name}' collides with {earlier.Kind} '{earlier.Name}'", "names are compared ignoring case");
        }
        else
        {
            _taken.Add(folded, (kind, name));
        }
    }

    /// <summary>Names appear in headers, alone and in lists.</summary>
    private void WarnOfUnsafeName(string kind, string name, TomlPosition position, string key)
    {
        if (name.Length == 0 || name != name.Trim() || name.Any(c => c is < ' ' or > '~' or ',' or ':' or '%'))
        {
            problems.Warn(
                position,
                key,
                $"the {kind} name '{name}' cannot stand in a header as it is and is percent-encoded there",
                "safe are visible ASCII characters but comma, colon and percent");
        }
    }
}

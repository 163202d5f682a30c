using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Loading;

/// <summary>What one part of the file says about another: names that must exist, endpoints that must read what they are for.</summary>
internal sealed class ReferenceChecks(IReadOnlyList<LoadedUpstream> upstreams, IReadOnlyCollection<string> upstreamNames, ProblemList problems)
{
    /// <summary>An upstream whose table has no mistake.</summary>
    public LoadedUpstream? Find(string name) =>
        upstreams.FirstOrDefault(u => string.Equals(u.Config.Name, name, StringComparison.Ordinal)) is { Section.IsBroken: false } found ? found : null;

    public void CheckUpstream(LoadedUpstream upstream)
    {
        // An upstream whose hedge names nobody is whole in itself.
        foreach (var reference in Undefined(upstream.Section))
        {
            problems.Error(reference.Position, reference.Key, NotDefined(reference.Name), Suggestion.For(reference.Name, upstreamNames));
        }
    }

    public void CheckProfile(LoadedProfile profile)
    {
        foreach (var reference in Undefined(profile.Section))
        {
            profile.Section.ErrorAt(reference.Position, reference.Key, NotDefined(reference.Name), Suggestion.For(reference.Name, upstreamNames));
        }
    }

    /// <param name="section">The modality's table.</param>
    /// <param name="needed">What every endpoint has to read.</param>
    public void CheckEndpoints(SectionReader section, Modalities needed)
    {
        var word = needed.ToString().ToLowerInvariant();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < section.References.Count; i++)
        {
            var (name, position, key) = section.References[i];
            var subject = $"[{section.Path}].endpoints[{i}] = '{name}'";
            if (!seen.Add(name))
            {
                problems.Error(position, key, $"{subject} is a duplicate");
            }
            else if (!upstreamNames.Contains(name))
            {
                problems.Error(position, key, $"{subject} is not a defined upstream", Suggestion.For(name, upstreamNames));
            }
            else if (Find(name) is { } upstream && !upstream.Config.Modalities.HasFlag(needed))
            {
                problems.Error(position, key, $"{subject} lacks modality '{word}'", $"add \"{word}\" to the upstream's modalities if the model reads it");
            }
        }
    }

    private IEnumerable<NamedEntry> Undefined(SectionReader section) => section.References.Where(r => !upstreamNames.Contains(r.Name));

    private static string NotDefined(string name) => $"'{name}' is not a defined upstream";
}

using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Binding;

/// <summary>What one part of the file says about another: names that must exist, windows that must fit.</summary>
internal sealed class ReferenceChecks(IReadOnlyList<BoundUpstream> upstreams, IReadOnlyCollection<string> upstreamNames, ProblemList problems)
{
    public void CheckUpstream(BoundUpstream upstream)
    {
        if (upstream.HedgeTarget is { } with && !upstreamNames.Contains(with.Name))
        {
            problems.Error(with.Position, with.Key, NotDefined(with.Name), Suggestion.For(with.Name, upstreamNames));
        }
    }

    public void CheckProfile(BoundProfile profile)
    {
        foreach (var reference in profile.References.Where(r => !upstreamNames.Contains(r.Name)))
        {
            profile.Section.ErrorAt(reference.Position, reference.Key, NotDefined(reference.Name), Suggestion.For(reference.Name, upstreamNames));
        }

        if (profile.Config is null)
        {
            return;
        }

        if (profile.Config.TokenizerUpstream is { } tokenizer && !profile.References.Any(r => r.Name == tokenizer))
        {
            profile.Section.Error(
                ProfileKeys.TokenizerUpstream,
                $"tokenizer_upstream '{tokenizer}' is no member of this profile",
                $"members are {string.Join(", ", profile.References.Select(r => r.Name).Distinct())}");
        }

        if (profile.Config is MoaProfileConfig { AdvertisedContext: null } moa)
        {
            CheckBudget(profile, moa);
        }
    }

    /// <param name="modality">The modality's table and the places of its endpoints.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="needed">What every endpoint has to read.</param>
    public void CheckEndpoints<T>(BoundModality<T> modality, TableKey table, Modalities needed)
        where T : ModalityConfig
    {
        var word = needed.ToString().ToLowerInvariant();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < modality.Endpoints.Length; i++)
        {
            var (name, position, key) = modality.Endpoints[i];
            var subject = $"[{table.Name}].endpoints[{i}] = '{name}'";
            if (!seen.Add(name))
            {
                problems.Error(position, key, $"{subject} is a duplicate");
            }
            else if (!upstreamNames.Contains(name))
            {
                problems.Error(position, key, $"{subject} is not a defined upstream", Suggestion.For(name, upstreamNames));
            }
            else if (Find(name) is { Section.IsBroken: false } upstream && !upstream.Config.Modalities.HasFlag(needed))
            {
                problems.Error(position, key, $"{subject} lacks modality '{word}'", $"add \"{word}\" to the upstream's modalities if the model reads it");
            }
        }
    }

    private void CheckBudget(BoundProfile profile, MoaProfileConfig moa)
    {
        if (profile.Section.IsBroken || Find(moa.Synthesizer) is not { Section.IsBroken: false } synthesizer)
        {
            return;
        }

        var window = synthesizer.Config;
        var budget = moa.Budget(window);
        if (budget <= 0)
        {
            profile.Section.Error(
                ProfileKeys.Synthesizer,
                $"leaves no room for the client: context {window.Context} − overhead {moa.SynthPromptOverheadTokens}"
                + $" − reserve {moa.NonClientSynthReserveTokens} − max_output {window.MaxOutput} = {budget}",
                "lower non_client_synth_reserve_tokens or the synthesizer's max_output, or set advertised_context");
        }
    }

    private BoundUpstream? Find(string name) => upstreams.FirstOrDefault(u => string.Equals(u.Config.Name, name, StringComparison.Ordinal));

    private static string NotDefined(string name) => $"'{name}' is not a defined upstream";
}

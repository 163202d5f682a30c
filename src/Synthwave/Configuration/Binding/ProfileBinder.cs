using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Binding;

/// <summary><c>[profiles.x]</c>: values, ranges and the rules within one profile.</summary>
internal static class ProfileBinder
{
    /// <param name="name">The profile's name.</param>
    /// <param name="section">Its table.</param>
    /// <param name="environmentGrace">Fixed grace for profiles that have none of their own; null = none.</param>
    public static BoundProfile Bind(string name, SectionReader section, TimeSpan? environmentGrace)
    {
        if (!section.Has(ProfileKeys.Type))
        {
            section.ReportMissing(ProfileKeys.Type);
        }

        var references = new List<NamedEntry>();
        var aliases = BindAliases(section);
        ProfileConfig? profile = section.Read(ProfileKeys.Type, "") switch
        {
            "moa" => BindMoa(name, section, references, environmentGrace),
            "cascade" => BindCascade(name, section, references),
            "voting" => BindVoting(name, section, references),
            _ => null,
        };
        if (profile is not null)
        {
            profile = profile with
            {
                Aliases = [.. aliases.Select(a => a.Name)],
                ExposeReasoning = section.Read(ProfileKeys.ExposeReasoning, profile.ExposeReasoning),
                TokenizerUpstream = section.OptionalText(ProfileKeys.TokenizerUpstream),
                Rescue = section.Read(ProfileKeys.Rescue, profile.Rescue),
                Caps = BindCaps(section),
            };
        }

        return new BoundProfile(name, section, profile, [.. references], aliases);
    }

    private static MoaProfileConfig BindMoa(string name, SectionReader section, List<NamedEntry> references, TimeSpan? environmentGrace)
    {
        section.RefuseUnknownKeys(ProfileKeys.Moa);
        var generators = BindGenerators(section, references);
        var profile = new MoaProfileConfig
        {
            Name = name,
            Generators = generators,
            Synthesizer = section.Require(ProfileKeys.Synthesizer, ""),
        };
        AddReference(section, ProfileKeys.Synthesizer, references);
        AddReference(section, ProfileKeys.SynthesizerFallback, references);
        return profile with
        {
            SynthesizerFallback = section.OptionalText(ProfileKeys.SynthesizerFallback),
            Mode = section.Read(ProfileKeys.Mode, profile.Mode),
            GeneratorTemperature = section.Read(ProfileKeys.GeneratorTemperature, profile.GeneratorTemperature),
            SynthesizerTemperature = section.Read(ProfileKeys.SynthesizerTemperature, profile.SynthesizerTemperature),
            FastpathOnAgreement = section.Read(ProfileKeys.FastpathOnAgreement, profile.FastpathOnAgreement),
            StripTools = section.Read(ProfileKeys.StripTools, profile.StripTools),
            AdvertisedContext = section.Optional(ProfileKeys.AdvertisedContext),
            SynthPromptOverheadTokens = section.Read(ProfileKeys.SynthPromptOverheadTokens, profile.SynthPromptOverheadTokens),
            NonClientSynthReserveTokens = section.Read(ProfileKeys.NonClientSynthReserveTokens, profile.NonClientSynthReserveTokens),
            Quorum = BindQuorum(section, generators),
            Grace = section.Optional(ProfileKeys.GraceSecs) ?? environmentGrace,
            MaxGrace = section.Read(ProfileKeys.MaxGraceSecs, profile.MaxGrace),
            Patience = section.Read(ProfileKeys.Patience, profile.Patience),
            SynthTimeout = section.Optional(ProfileKeys.SynthTimeoutSecs),
            SynthesisPrompt = section.OptionalText(ProfileKeys.SynthesisPrompt) is { } prompt && !string.IsNullOrWhiteSpace(prompt) ? prompt : null,
            WithoutFunctions = section.Read(ProfileKeys.WithoutFunctionCalling, profile.WithoutFunctions),
        };
    }

    private static ImmutableArray<GeneratorConfig> BindGenerators(SectionReader section, List<NamedEntry> references)
    {
        if (section.Items(ProfileKeys.Generators) is not { } items)
        {
            if (!section.Has(ProfileKeys.Generators))
            {
                section.ReportMissing(ProfileKeys.Generators);
            }

            return [];
        }

        var generators = new List<GeneratorConfig>(items.Count);
        var entries = new List<NamedEntry>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var path = section.ItemPath(ProfileKeys.Generators, i);
            switch (items[i])
            {
                case TomlString text:
                    generators.Add(new GeneratorConfig(text.Value));
                    entries.Add(new NamedEntry(text.Value, text.Position, path));
                    break;
                case TomlTable table:
                    BindGenerator(section, new SectionReader(table, path, section.Problems), generators, entries);
                    break;
                default:
                    section.ErrorAt(items[i].Position, path, $"must be a string or a table; found {items[i].TypeName}", ProfileKeys.Generators.Meaning);
                    break;
            }
        }

        RequireMembers(section, ProfileKeys.Generators, items.Count, atLeast: 1);
        RefuseDuplicates(section, entries, "a second draft of one upstream is written { upstream = \"…\", samples = 2 }");
        references.AddRange(entries);
        return [.. generators];
    }

    private static void BindGenerator(SectionReader profile, SectionReader section, List<GeneratorConfig> generators, List<NamedEntry> entries)
    {
        section.RefuseUnknownKeys(ProfileKeys.GeneratorSchema);
        var generator = new GeneratorConfig(
            section.Require(ProfileKeys.Upstream, ""),
            section.Read(ProfileKeys.Samples, 1),
            section.Optional(ProfileKeys.Temperature));
        generators.Add(generator);
        if (generator.Upstream.Length > 0)
        {
            entries.Add(new NamedEntry(generator.Upstream, section.PositionOf(ProfileKeys.Upstream), section.PathOf(ProfileKeys.Upstream)));
        }

        if (section.IsBroken)
        {
            profile.MarkBroken();
        }
    }

    private static int? BindQuorum(SectionReader section, ImmutableArray<GeneratorConfig> generators)
    {
        var quorum = section.Optional(ProfileKeys.Quorum);
        var drafts = generators.Sum(g => g.Samples);
        if (quorum > drafts && drafts > 0)
        {
            section.Error(ProfileKeys.Quorum, $"must be an integer from 1 to {drafts}, the number of drafts; found {quorum}");
        }

        return quorum;
    }

    private static CascadeProfileConfig BindCascade(string name, SectionReader section, List<NamedEntry> references)
    {
        section.RefuseUnknownKeys(ProfileKeys.Cascade);
        return new CascadeProfileConfig
        {
            Name = name,
            Upstreams = BindMembers(section, references, atLeast: 1),
            Structured502 = section.Read(ProfileKeys.OnAllFail, false),
            AttemptTimeout = section.Optional(ProfileKeys.AttemptTimeoutSecs),
            RotateOnClientError = section.Read(ProfileKeys.RotateOnClientError, false),
        };
    }

    private static VotingProfileConfig BindVoting(string name, SectionReader section, List<NamedEntry> references)
    {
        section.RefuseUnknownKeys(ProfileKeys.Voting);
        var profile = new VotingProfileConfig { Name = name, Upstreams = BindMembers(section, references, atLeast: 2) };
        profile = profile with
        {
            Aggregation = section.Read(ProfileKeys.Aggregation, profile.Aggregation),
            FailureVoteYes = section.Read(ProfileKeys.FailureVote, profile.FailureVoteYes),
            Temperature = section.Read(ProfileKeys.Temperature, profile.Temperature),
            MaxTokens = section.Read(ProfileKeys.MaxTokens, profile.MaxTokens),
            Weights = BindWeights(section, profile.Upstreams),
            MinVotes = section.Read(ProfileKeys.MinVotes, profile.MinVotes),
            TieYes = section.Optional(ProfileKeys.Tie),
        };
        if (profile.MinVotes > profile.Upstreams.Length && profile.Upstreams.Length > 0)
        {
            section.Error(
                ProfileKeys.MinVotes,
                $"must be an integer from 1 to {profile.Upstreams.Length}, the number of voters; found {profile.MinVotes}");
        }

        return profile;
    }

    private static FrozenDictionary<string, double> BindWeights(SectionReader section, ImmutableArray<string> members)
    {
        if (section.Section(ProfileKeys.Weights) is not { } table)
        {
            return FrozenDictionary<string, double>.Empty;
        }

        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in table.Table.Entries)
        {
            var path = table.PathOf(entry.Key);
            if (!members.Contains(entry.Key))
            {
                section.ErrorAt(entry.KeyPosition, path, "is no member of this profile", Suggestion.For(entry.Key, members));
            }
            else if (section.TryRead(ProfileKeys.Weight, entry.Value, path, out var weight))
            {
                weights.Add(entry.Key, weight);
            }
        }

        if (weights.Count == members.Length && members.Length > 0 && weights.Values.All(w => w == 0))
        {
            section.Error(ProfileKeys.Weights, "no voter has a weight above 0");
        }

        return weights.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static ImmutableArray<string> BindMembers(SectionReader section, List<NamedEntry> references, int atLeast)
    {
        var members = section.TextList(ProfileKeys.Upstreams);
        if (members is null)
        {
            if (!section.Has(ProfileKeys.Upstreams))
            {
                section.ReportMissing(ProfileKeys.Upstreams);
            }

            return [];
        }

        RequireMembers(section, ProfileKeys.Upstreams, members.Count, atLeast);
        RefuseDuplicates(section, members, hint: null);
        references.AddRange(members);
        return [.. members.Select(m => m.Name)];
    }

    private static CapsConfig BindCaps(SectionReader section) => new()
    {
        MaxCalls = section.Optional(ProfileKeys.MaxCalls),
        MaxCostUsd = section.Optional(ProfileKeys.MaxCostUsd),
        MaxLatency = section.Optional(ProfileKeys.MaxLatencyMs) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
    };

    private static ImmutableArray<NamedEntry> BindAliases(SectionReader section)
    {
        var aliases = new List<NamedEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alias in section.TextList(ProfileKeys.Aliases) ?? [])
        {
            if (string.IsNullOrWhiteSpace(alias.Name))
            {
                section.ErrorAt(alias.Position, alias.Key, "an alias must not be blank");
            }
            else if (alias.Name.Trim().Length != alias.Name.Length)
            {
                section.ErrorAt(alias.Position, alias.Key, "an alias must not begin or end with white space");
            }
            else if (!seen.Add(NameFolding.Fold(alias.Name)))
            {
                section.ErrorAt(alias.Position, alias.Key, $"alias '{alias.Name}' is a duplicate within this profile", "letter case makes no difference");
            }
            else
            {
                aliases.Add(alias);
            }
        }

        return [.. aliases];
    }

    private static void AddReference(SectionReader section, TextKey key, List<NamedEntry> references)
    {
        if (section.Table.Find(key.Name)?.Value is TomlString { Value: var name } value && !(key.NotEmpty && name.Length == 0))
        {
            references.Add(new NamedEntry(name, value.Position, section.PathOf(key)));
        }
    }

    private static void RequireMembers(SectionReader section, ConfigKey key, int count, int atLeast)
    {
        if (count < atLeast)
        {
            section.Error(key, $"must name at least {(atLeast == 1 ? "one upstream" : $"{atLeast} upstreams")}; found {count}");
        }
    }

    private static void RefuseDuplicates(SectionReader section, List<NamedEntry> entries, string? hint)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(e => !seen.Add(e.Name)))
        {
            section.ErrorAt(entry.Position, entry.Key, $"'{entry.Name}' is a duplicate", hint);
        }
    }
}

using System.Collections.Immutable;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Profiles;

/// <summary>The keys every kind of profile has.</summary>
internal static class ProfileTable
{
    public static readonly Table<ProfileConfig> Keys = new("[profiles.…]", new CascadeProfileConfig { Name = "", Upstreams = [] });

    public static readonly TextListKey Aliases = Keys.Add(
        new TextListKey("aliases", "further names of the profile") { Details = "Letter case makes no difference.", Example = "[\"best\"]" },
        (key, section, p) => section.TextList(key) is { } names ? p with { Aliases = Checked(section, names) } : p,
        p => TextListKey.Write(p.Aliases));

    public static readonly ConfigKey<bool> ExposeReasoning = Keys.Add(
        new FlagKey("expose_reasoning", "whether reasoning fields reach the client"),
        p => p.ExposeReasoning,
        (p, v) => p with { ExposeReasoning = v });

    public static readonly ConfigKey<string> TokenizerUpstream = Keys.AddOptional(
        new TextKey("tokenizer_upstream", "member that /tokenize asks")
        {
            WhenAbsent = "any member where all serve one model, else an ensemble's synthesizer or a cascade's first",
            Example = "\"careful\"",
        },
        p => p.TokenizerUpstream,
        (p, v) => p with { TokenizerUpstream = v });

    public static readonly ConfigKey<RescuePolicy> Rescue = Keys.Add(
        new ChoiceKey<RescuePolicy>(
            "rescue",
            "when a reasoning field becomes the answer of a model that wrote none",
            ("always", RescuePolicy.Always),
            ("last", RescuePolicy.Last),
            ("off", RescuePolicy.Off))
        {
            Details = "\"last\" is only when no other member remains.",
        },
        p => p.Rescue,
        (p, v) => p with { Rescue = v });

    public static readonly ConfigKey<int> MaxCalls = Keys.AddOptional(
        new IntegerKey("max_calls", "most upstream calls for one request", 1) { WhenAbsent = "no limit", Details = LowerOnly, Example = "8" },
        p => p.Caps.MaxCalls,
        (p, v) => p with { Caps = p.Caps with { MaxCalls = v } });

    public static readonly ConfigKey<decimal> MaxCostUsd = Keys.AddOptional(
        new MoneyKey("max_cost_usd", "most a request may cost, USD", zeroAllowed: false)
        {
            WhenAbsent = "no limit",
            Details = $"{LowerOnly} Every member needs a price.",
            Example = "0.25",
        },
        p => p.Caps.MaxCostUsd,
        (p, v) => p with { Caps = p.Caps with { MaxCostUsd = v } });

    public static readonly ConfigKey<TimeSpan> MaxLatencyMs = Keys.AddOptional(
        new MillisecondsKey("max_latency_ms", "longest a request may take, milliseconds") { WhenAbsent = "no limit", Details = LowerOnly, Example = "60000" },
        p => p.Caps.MaxLatency,
        (p, v) => p with { Caps = p.Caps with { MaxLatency = v } });

    private const string LowerOnly = "A request may lower it.";

    /// <summary>The table of a kind, with the common keys in it.</summary>
    /// <param name="word">The word of its <c>type</c>.</param>
    /// <param name="blank">A profile of the kind in which nothing is written.</param>
    public static Table<T> Of<T>(string word, T blank)
        where T : ProfileConfig
    {
        var table = new Table<T>($"[profiles.…] of type \"{word}\"", blank);
        table.Add(new ChoiceKey<string>("type", "the kind of the profile", (word, word)) { IsRequired = true }, p => p.Type, (p, _) => p);
        table.Include(Keys);
        return table;
    }

    public static void Check(ProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        if (profile.TokenizerUpstream is { } tokenizer && !section.References.Any(r => r.Name == tokenizer))
        {
            section.Error(
                TokenizerUpstream,
                $"tokenizer_upstream '{tokenizer}' is no member of this profile",
                $"members are {string.Join(", ", section.References.Select(r => r.Name).Distinct())}");
        }

        if (profile.Caps.MaxCostUsd is not null)
        {
            WarnOfUnpricedMembers(profile, section, around);
        }
    }

    private static void WarnOfUnpricedMembers(ProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        var unpriced = profile.Members.Where(m => around.Upstream(m) is { Price: null }).ToList();
        if (unpriced.Count > 0)
        {
            section.Warn(
                MaxCostUsd,
                $"every request will be refused: no price is known for {string.Join(", ", unpriced)}",
                "add price = { input = …, output = … }");
        }
    }

    private static ImmutableArray<string> Checked(SectionReader section, List<NamedEntry> names)
    {
        var aliases = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alias in names)
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
                aliases.Add(alias.Name);
            }
        }

        return aliases.ToImmutable();
    }
}

using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Profiles;

/// <summary><c>type = "moa"</c>.</summary>
internal sealed class MoaKind() : ProfileKind<MoaProfileConfig>("moa", "mixture of agents: the generators draft, the synthesizer writes the answer from the drafts", Keys)
{
    private static readonly Table<MoaProfileConfig> Keys =
        ProfileTable.Of("moa", new MoaProfileConfig { Name = "", Generators = [], Synthesizer = "" });

    public static readonly MixedListKey Generators = Keys.Add(
        new MixedListKey("generators", "upstreams that draft", GeneratorList.Keys)
        {
            IsRequired = true,
            NamesUpstream = true,
            Details = "{ upstream = \"quick\", samples = 2, temperature = 0.9 } takes two drafts of one upstream.",
        },
        (key, section, m) => m with { Generators = GeneratorList.Read(section, key) },
        m => GeneratorList.Write(m.Generators));

    public static readonly ConfigKey<string> Synthesizer = Keys.Add(
        new TextKey("synthesizer", "upstream that writes the answer from the drafts") { NotEmpty = true, IsRequired = true, NamesUpstream = true },
        m => m.Synthesizer,
        (m, v) => m with { Synthesizer = v });

    public static readonly ConfigKey<string> SynthesizerFallback = Keys.AddOptional(
        new TextKey("synthesizer_fallback", "upstream that writes when the synthesizer fails") { NamesUpstream = true, Example = "\"bold\"" },
        m => m.SynthesizerFallback,
        (m, v) => m with { SynthesizerFallback = v });

    public static readonly ConfigKey<SynthesisMode> Mode = Keys.Add(
        new ChoiceKey<SynthesisMode>(
            "synthesis_mode",
            "write a new answer, or pick the best draft",
            ("merge", SynthesisMode.Merge),
            ("best-of", SynthesisMode.BestOf)),
        m => m.Mode,
        (m, v) => m with { Mode = v });

    public static readonly ConfigKey<double> GeneratorTemperature = Keys.Add(
        new NumberKey("generator_temperature", "temperature of generator calls", new NumberRange(0, 2)),
        m => m.GeneratorTemperature,
        (m, v) => m with { GeneratorTemperature = v });

    public static readonly ConfigKey<double> SynthesizerTemperature = Keys.Add(
        new NumberKey("synthesizer_temperature", "temperature of the synthesis", new NumberRange(0, 2)),
        m => m.SynthesizerTemperature,
        (m, v) => m with { SynthesizerTemperature = v });

    public static readonly ConfigKey<bool> FastpathOnAgreement = Keys.Add(
        new FlagKey("fastpath_on_agreement", "a quorum of equal drafts is the answer"),
        m => m.FastpathOnAgreement,
        (m, v) => m with { FastpathOnAgreement = v });

    public static readonly ConfigKey<bool> StripTools = Keys.Add(
        new FlagKey("strip_tools", "tools are removed from the request"),
        m => m.StripTools,
        (m, v) => m with { StripTools = v });

    public static readonly ConfigKey<int> AdvertisedContext = Keys.AddOptional(
        new IntegerKey("advertised_context", "context window shown to clients, tokens", 1)
        {
            WhenAbsent = "what the synthesizer has left after both kinds of room and its own answer",
            Example = "32768",
        },
        m => m.AdvertisedContext,
        (m, v) => m with { AdvertisedContext = v });

    public static readonly ConfigKey<int> SynthPromptOverheadTokens = Keys.Add(
        new IntegerKey("synth_prompt_overhead_tokens", "room kept for the synthesis instructions", 0),
        m => m.SynthPromptOverheadTokens,
        (m, v) => m with { SynthPromptOverheadTokens = v });

    public static readonly ConfigKey<int> NonClientSynthReserveTokens = Keys.Add(
        new IntegerKey("non_client_synth_reserve_tokens", "room kept for the drafts in the synthesis request", 0),
        m => m.NonClientSynthReserveTokens,
        (m, v) => m with { NonClientSynthReserveTokens = v });

    public static readonly ConfigKey<int> Quorum = Keys.AddOptional(
        new IntegerKey("quorum", "drafts after which the grace runs", 1)
        {
            WhenAbsent = "two thirds of the generators that are alive, rounded up",
            Details = "At most the number of drafts.",
            Example = "2",
        },
        m => m.Quorum,
        (m, v) => m with { Quorum = v });

    public static readonly ConfigKey<TimeSpan> Grace = Keys.AddOptional(
        new SecondsKey("grace_secs", "fixed wait for stragglers after quorum", new NumberRange(0))
        {
            WhenAbsent = "the environment variable TK_MOA_QUORUM_GRACE_SECS, else learned patience",
            Example = "1.5",
        },
        m => m.Grace,
        (m, v) => m with { Grace = v });

    public static readonly ConfigKey<double> Patience = Keys.Add(
        new NumberKey("patience", "share of its usual time until which a straggler is waited for", new NumberRange(0.5, 0.99)),
        m => m.Patience,
        (m, v) => m with { Patience = v });

    public static readonly ConfigKey<TimeSpan> MaxGrace = Keys.Add(
        new SecondsKey("max_grace_secs", "longest wait for stragglers after quorum", new NumberRange(1)),
        m => m.MaxGrace,
        (m, v) => m with { MaxGrace = v });

    public static readonly ConfigKey<TimeSpan> SynthTimeout = Keys.AddOptional(
        new SecondsKey("synth_timeout_secs", "time kept back for the synthesis", NumberRange.Above(0))
        {
            WhenAbsent = "a quarter of the request's time",
            Example = "120.0",
        },
        m => m.SynthTimeout,
        (m, v) => m with { SynthTimeout = v });

    public static readonly ConfigKey<string> SynthesisPrompt = Keys.AddOptional(
        new TextKey("synthesis_prompt", "instructions for the synthesizer instead of the built-in ones")
        {
            WhenAbsent = "the built-in instructions",
            Example = "\"Write the best answer you can from the drafts.\"",
        },
        m => m.SynthesisPrompt,
        (m, v) => m with { SynthesisPrompt = string.IsNullOrWhiteSpace(v) ? null : v });

    public static readonly ConfigKey<WithoutFunctions> WithoutFunctionCalling = Keys.Add(
        new ChoiceKey<WithoutFunctions>(
            "without_functions",
            "generators without function calling are left out of tool requests, or asked without the tools",
            ("skip", WithoutFunctions.Skip),
            ("strip", WithoutFunctions.Strip)),
        m => m.WithoutFunctions,
        (m, v) => m with { WithoutFunctions = v });

    protected override void CheckOwn(MoaProfileConfig profile, SectionReader section)
    {
        var drafts = profile.Generators.Sum(g => g.Samples);
        if (profile.Quorum is { } quorum && quorum > drafts && drafts > 0)
        {
            section.Error(Quorum, $"must be an integer from 1 to {drafts}, the number of drafts; found {quorum}");
        }

        if (section.Has(Grace) && section.Has(Patience))
        {
            section.Warn(Patience, "has no effect: grace_secs is a fixed wait");
        }

        if (profile.SynthesizerFallback is { } fallback && fallback == profile.Synthesizer)
        {
            section.Warn(SynthesizerFallback, "is the synthesizer itself");
        }
    }

    protected override void CheckAround(MoaProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        if (profile.Grace > around.RequestTimeout)
        {
            section.Warn(Grace, "the wait for stragglers is longer than server.request_timeout_secs, which ends the request first");
        }

        if (profile.SynthTimeout >= around.RequestTimeout)
        {
            section.Warn(SynthTimeout, "leaves no time for drafts within server.request_timeout_secs");
        }

        if (profile.AdvertisedContext is null && !section.IsBroken && around.Upstream(profile.Synthesizer) is { } synthesizer)
        {
            CheckBudget(profile, section, synthesizer);
        }
    }

    private static void CheckBudget(MoaProfileConfig profile, SectionReader section, UpstreamConfig synthesizer)
    {
        var budget = profile.Budget(synthesizer);
        if (budget <= 0)
        {
            section.Error(
                Synthesizer,
                $"leaves no room for the client: context {synthesizer.Context} − overhead {profile.SynthPromptOverheadTokens}"
                + $" − reserve {profile.NonClientSynthReserveTokens} − max_output {synthesizer.MaxOutput} = {budget}",
                "lower non_client_synth_reserve_tokens or the synthesizer's max_output, or set advertised_context");
        }
    }
}

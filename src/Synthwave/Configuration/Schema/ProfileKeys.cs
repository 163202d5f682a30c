namespace Synthwave.Configuration.Schema;

/// <summary><c>[profiles.x]</c>, one schema a type.</summary>
internal static class ProfileKeys
{
    public static readonly ChoiceKey<string> Type = new("type", "how the profile answers", ("moa", "moa"), ("cascade", "cascade"), ("voting", "voting"));
    public static readonly TextListKey Aliases = new("aliases", "further names of the profile");
    public static readonly FlagKey ExposeReasoning = new("expose_reasoning", "whether reasoning fields reach the client");
    public static readonly TextKey TokenizerUpstream = new("tokenizer_upstream", "member that /tokenize asks");
    public static readonly ChoiceKey<RescuePolicy> Rescue = new(
        "rescue",
        "when a reasoning field becomes the answer of a model that wrote none",
        ("always", RescuePolicy.Always),
        ("last", RescuePolicy.Last),
        ("off", RescuePolicy.Off));

    public static readonly IntegerKey MaxCalls = new("max_calls", "most upstream calls for one request", 1);
    public static readonly MoneyKey MaxCostUsd = new("max_cost_usd", "most a request may cost, USD", zeroAllowed: false);
    public static readonly IntegerKey MaxLatencyMs = new("max_latency_ms", "longest a request may take, milliseconds", 1);

    public static readonly TextKey Upstream = new("upstream", "upstream that drafts") { NotEmpty = true };
    public static readonly IntegerKey Samples = new("samples", "drafts taken from this generator", 1, 64);
    public static readonly NumberKey Temperature = new("temperature", "sampling temperature", new NumberRange(0, 2));
    public static readonly TableSchema GeneratorSchema = new("an entry of generators", Upstream, Samples, Temperature);

    public static readonly MixedListKey Generators = new("generators", "upstreams that draft", GeneratorSchema);
    public static readonly TextKey Synthesizer = new("synthesizer", "upstream that writes the answer from the drafts") { NotEmpty = true };
    public static readonly TextKey SynthesizerFallback = new("synthesizer_fallback", "upstream that writes when the synthesizer fails");
    public static readonly ChoiceKey<SynthesisMode> Mode = new(
        "synthesis_mode",
        "write a new answer, or pick the best draft",
        ("merge", SynthesisMode.Merge),
        ("best-of", SynthesisMode.BestOf));

    public static readonly NumberKey GeneratorTemperature = new("generator_temperature", "temperature of generator calls", new NumberRange(0, 2));
    public static readonly NumberKey SynthesizerTemperature = new("synthesizer_temperature", "temperature of the synthesis", new NumberRange(0, 2));
    public static readonly FlagKey FastpathOnAgreement = new("fastpath_on_agreement", "a quorum of equal drafts is the answer");
    public static readonly FlagKey StripTools = new("strip_tools", "tools are removed from the request");
    public static readonly IntegerKey AdvertisedContext = new("advertised_context", "context window shown to clients, tokens", 1);
    public static readonly IntegerKey SynthPromptOverheadTokens = new("synth_prompt_overhead_tokens", "room kept for the synthesis instructions", 0);
    public static readonly IntegerKey NonClientSynthReserveTokens = new("non_client_synth_reserve_tokens", "room kept for the drafts in the synthesis request", 0);
    public static readonly IntegerKey Quorum = new("quorum", "drafts after which the grace runs", 1);
    public static readonly SecondsKey GraceSecs = new("grace_secs", "fixed wait for stragglers after quorum", new NumberRange(0));
    public static readonly SecondsKey MaxGraceSecs = new("max_grace_secs", "longest wait for stragglers after quorum", new NumberRange(1));
    public static readonly NumberKey Patience = new("patience", "share of its usual time until which a straggler is waited for", new NumberRange(0.5, 0.99));
    public static readonly SecondsKey SynthTimeoutSecs = new("synth_timeout_secs", "time kept back for the synthesis", NumberRange.Above(0));
    public static readonly TextKey SynthesisPrompt = new("synthesis_prompt", "instructions for the synthesizer instead of the built-in ones");
    public static readonly ChoiceKey<WithoutFunctions> WithoutFunctionCalling = new(
        "without_functions",
        "generators without function calling are left out of tool requests, or asked without the tools",
        ("skip", WithoutFunctions.Skip),
        ("strip", WithoutFunctions.Strip));

    public static readonly TableSchema Moa = new(
        "[profiles.…] of type \"moa\"",
        [
            .. Common(),
            Generators, Synthesizer, SynthesizerFallback, Mode, GeneratorTemperature, SynthesizerTemperature, FastpathOnAgreement, StripTools,
            AdvertisedContext, SynthPromptOverheadTokens, NonClientSynthReserveTokens, Quorum, GraceSecs, MaxGraceSecs, Patience,
            SynthTimeoutSecs, SynthesisPrompt, WithoutFunctionCalling,
        ]);

    public static readonly TextListKey Upstreams = new("upstreams", "the profile's members");
    public static readonly ChoiceKey<bool> OnAllFail = new("on_all_fail", "what the client sees when every member failed", ("bubble_last_error", false), ("structured_502", true));
    public static readonly SecondsKey AttemptTimeoutSecs = new("attempt_timeout_secs", "time for one attempt to reach its first content", NumberRange.Above(0));
    public static readonly FlagKey RotateOnClientError = new("rotate_on_client_error", "400 and 422 go to the next member too");

    public static readonly TableSchema Cascade = new(
        "[profiles.…] of type \"cascade\"",
        [.. Common(), Upstreams, OnAllFail, AttemptTimeoutSecs, RotateOnClientError]);

    public static readonly ChoiceKey<VoteAggregation> Aggregation = new(
        "aggregation",
        "how votes become a verdict",
        ("any_yes", VoteAggregation.AnyYes),
        ("all_yes", VoteAggregation.AllYes),
        ("majority", VoteAggregation.Majority),
        ("weighted", VoteAggregation.Weighted));

    public static readonly ChoiceKey<bool> FailureVote = new("failure_vote", "what a failed voter counts as", ("yes", true), ("no", false));
    public static readonly IntegerKey MaxTokens = new("max_tokens", "completion limit of a vote", 1);
    public static readonly TableKey Weights = new("weights", "weight of each voter; 1 where not named");
    public static readonly NumberKey Weight = new("weights", "weight of a voter", new NumberRange(0, 1_000_000));
    public static readonly IntegerKey MinVotes = new("min_votes", "fewest real votes a verdict needs", 1);
    public static readonly ChoiceKey<bool> Tie = new("tie", "the verdict of a tie", ("yes", true), ("no", false));

    public static readonly TableSchema Voting = new(
        "[profiles.…] of type \"voting\"",
        [.. Common(), Upstreams, Aggregation, FailureVote, Temperature, MaxTokens, Weights, MinVotes, Tie]);

    private static ConfigKey[] Common() =>
        [Type, Aliases, ExposeReasoning, TokenizerUpstream, Rescue, MaxCalls, MaxCostUsd, MaxLatencyMs];
}

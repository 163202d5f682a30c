using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>[profiles."x"]</c>: a model name clients ask for, and how it is answered.</summary>
internal abstract record ProfileConfig
{
    public required string Name { get; init; }

    /// <summary>Further names, original casing; matched ignoring case.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Whether reasoning fields reach the client.</summary>
    public bool ExposeReasoning { get; init; }

    public string? TokenizerUpstream { get; init; }

    public RescuePolicy Rescue { get; init; } = RescuePolicy.Always;

    public CapsConfig Caps { get; init; } = CapsConfig.None;

    /// <summary><c>moa</c>, <c>cascade</c>, <c>voting</c>; <c>passthrough</c> is a route, not a profile type.</summary>
    public abstract string Type { get; }

    /// <summary>Distinct upstream names this profile may call, in order of first use.</summary>
    public abstract ImmutableArray<string> Members { get; }
}

/// <summary>When a reasoning field becomes the answer of a model that wrote none.</summary>
internal enum RescuePolicy
{
    Always,

    /// <summary>Only when no other member remains.</summary>
    Last,
    Off,
}

/// <summary>Limits checked before any call is made; null = none.</summary>
internal sealed record CapsConfig
{
    /// <summary>No cap at all.</summary>
    public static CapsConfig None { get; } = new();

    public int? MaxCalls { get; init; }

    public decimal? MaxCostUsd { get; init; }

    public TimeSpan? MaxLatency { get; init; }

    /// <summary>Whether calls must be counted before they are made.</summary>
    public bool LimitsCalls => MaxCalls is not null || MaxCostUsd is not null;
}

/// <summary><c>type = "moa"</c>: several generators draft, a synthesizer writes.</summary>
internal sealed record MoaProfileConfig : ProfileConfig
{
    public override string Type => "moa";

    public required ImmutableArray<GeneratorConfig> Generators { get; init; }

    public required string Synthesizer { get; init; }

    public string? SynthesizerFallback { get; init; }

    public SynthesisMode Mode { get; init; } = SynthesisMode.Merge;

    /// <summary>0–2; overrides the client's on generator calls.</summary>
    public double GeneratorTemperature { get; init; } = 0.7;

    /// <summary>0–2.</summary>
    public double SynthesizerTemperature { get; init; } = 0.3;

    public bool FastpathOnAgreement { get; init; }

    public bool StripTools { get; init; }

    /// <summary>Advertised window, tokens; null = the budget formula.</summary>
    public int? AdvertisedContext { get; init; }

    public int SynthPromptOverheadTokens { get; init; } = 256;

    public int NonClientSynthReserveTokens { get; init; } = 1024;

    /// <summary>Drafts after which the grace runs; null = two thirds of those alive, rounded up.</summary>
    public int? Quorum { get; init; }

    /// <summary>Fixed grace after quorum; null = learned patience.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>The longest learned patience waits after quorum.</summary>
    public TimeSpan MaxGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Quantile of its own completion times until which a straggler is waited for, 0.5–0.99.</summary>
    public double Patience { get; init; } = 0.95;

    /// <summary>Time kept back for the synthesizer; null = a quarter of the deadline.</summary>
    public TimeSpan? SynthTimeout { get; init; }

    /// <summary>Replaces the built-in instructions; null = built-in.</summary>
    public string? SynthesisPrompt { get; init; }

    public WithoutFunctions WithoutFunctions { get; init; } = WithoutFunctions.Skip;

    public override ImmutableArray<string> Members =>
        [.. Generators.Select(g => g.Upstream).Append(Synthesizer).Concat(SynthesizerFallback is { } f ? [f] : []).Distinct(StringComparer.Ordinal)];

    /// <summary>One generator that is also the synthesizer: nothing to combine, so the request passes straight through.</summary>
    public bool IsPassthrough => Generators is [{ Samples: 1 } only] && string.Equals(only.Upstream, Synthesizer, StringComparison.Ordinal);
}

/// <summary>One entry of <c>generators</c>.</summary>
internal sealed record GeneratorConfig(string Upstream, int Samples = 1, double? Temperature = null);

internal enum SynthesisMode { Merge, BestOf }

/// <summary>What happens to generators without function calling when a request has tools.</summary>
internal enum WithoutFunctions { Skip, Strip }

/// <summary><c>type = "cascade"</c>: members are tried in order.</summary>
internal sealed record CascadeProfileConfig : ProfileConfig
{
    public override string Type => "cascade";

    public required ImmutableArray<string> Upstreams { get; init; }

    /// <summary>True = <c>structured_502</c>; false = <c>bubble_last_error</c>.</summary>
    public bool Structured502 { get; init; }

    /// <summary>Time for one attempt to reach its first content; null = remaining time divided by the members left.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>400 and 422 go to the next member too.</summary>
    public bool RotateOnClientError { get; init; }

    public override ImmutableArray<string> Members => Upstreams;
}

/// <summary><c>type = "voting"</c>: members answer yes or no, the votes are counted.</summary>
internal sealed record VotingProfileConfig : ProfileConfig
{
    public override string Type => "voting";

    public required ImmutableArray<string> Upstreams { get; init; }

    public VoteAggregation Aggregation { get; init; } = VoteAggregation.AnyYes;

    /// <summary>What a failed voter counts as.</summary>
    public bool FailureVoteYes { get; init; } = true;

    public double Temperature { get; init; }

    public int MaxTokens { get; init; } = 5;

    public FrozenDictionary<string, double> Weights { get; init; } = FrozenDictionary<string, double>.Empty;

    public int MinVotes { get; init; } = 1;

    /// <summary>Null = as a failed vote.</summary>
    public bool? TieYes { get; init; }

    public override ImmutableArray<string> Members => Upstreams;
}

internal enum VoteAggregation { AnyYes, AllYes, Majority, Weighted }

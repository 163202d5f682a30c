using System.Collections.Immutable;

namespace Synthwave.Configuration;

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

    /// <summary>One generator that is also the synthesizer: nothing to combine, so the request passes straight through.</summary>
    public bool IsPassthrough => Generators is [{ Samples: 1 } only] && string.Equals(only.Upstream, Synthesizer, StringComparison.Ordinal);

    public override ImmutableArray<string> Members =>
        [.. Generators.Select(g => g.Upstream).Append(Synthesizer).Concat(SynthesizerFallback is { } f ? [f] : []).Distinct(StringComparer.Ordinal)];

    public override ImmutableArray<string> EmbeddingMembers => IsPassthrough ? [Synthesizer] : [];

    public override string LeadingMember => Synthesizer;

    public override bool ReadsDescriptions => true;

    public override bool PassesOn => IsPassthrough;

    /// <summary>
    /// What the synthesizer has left after its own answer, the instructions and the drafts. Where nothing is synthesized nothing has to be
    /// kept free for it.
    /// </summary>
    public override long Window(Func<string, UpstreamConfig> upstream) =>
        AdvertisedContext ?? (IsPassthrough ? upstream(Synthesizer).Context : Budget(upstream(Synthesizer)));

    /// <summary>Tokens left for the client; zero or less = the profile cannot work. Does not look at <see cref="AdvertisedContext"/>.</summary>
    public long Budget(UpstreamConfig synthesizer) =>
        (long)synthesizer.Context - SynthPromptOverheadTokens - NonClientSynthReserveTokens - synthesizer.MaxOutput;

    public override bool CallsFunctions(Func<string, UpstreamConfig> upstream) => Generators.Any(g => upstream(g.Upstream).SupportsFunctionCalling);

    /// <summary>A draft can stand in for a synthesis, but nothing for the drafts.</summary>
    public override bool CanAnswer(Func<string, bool> isUp) => Generators.Any(g => isUp(g.Upstream));

    /// <summary>Fewer generators and a quorum within their drafts. The synthesizer reads texts only, so it stays.</summary>
    public override ProfileConfig? Only(Func<string, bool> keep)
    {
        if (IsPassthrough)
        {
            return keep(Synthesizer) ? this : null;
        }

        ImmutableArray<GeneratorConfig> generators = [.. Generators.Where(g => keep(g.Upstream))];
        var drafts = generators.Sum(g => g.Samples);
        return generators.IsEmpty ? null : this with { Generators = generators, Quorum = Quorum is { } quorum ? Math.Min(quorum, drafts) : null };
    }
}

/// <summary>One entry of <c>generators</c>.</summary>
internal sealed record GeneratorConfig(string Upstream, int Samples = 1, double? Temperature = null);

internal enum SynthesisMode { Merge, BestOf }

/// <summary>What happens to generators without function calling when a request has tools.</summary>
internal enum WithoutFunctions { Skip, Strip }

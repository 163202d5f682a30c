using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>
/// The three models of <c>synthwave demo</c>. Each has its own view of a few questions, written by hand, and its own speed, so that one can see what an
/// ensemble, a cascade and a vote make of them. Everything else they say they do not know.
/// </summary>
internal static class DemoModels
{
    /// <summary>Tokens; what the demo's configuration says about each of them.</summary>
    public const int Context = 32_768;

    private const string CarefulThought = "What can go wrong here, and what would somebody who has done it a hundred times check first?";

    /// <summary>In the order of <see cref="DemoNames.All"/>. Fast enough not to bore, slow enough to be read along.</summary>
    public static ImmutableArray<SimulatedModel> All { get; } =
    [
        Model(DemoNames.Quick, null, firstTokenMs: 250, tokensPerSecond: 70),
        Model(DemoNames.Careful, CarefulThought, firstTokenMs: 600, tokensPerSecond: 45),
        Model(DemoNames.Bold, null, firstTokenMs: 400, tokensPerSecond: 55),
    ];

    private static SimulatedModel Model(string id, string? reasoning, int firstTokenMs, double tokensPerSecond)
    {
        // Bound when first asked, so that naming the models reads no file.
        var voice = new Lazy<DemoVoice>(() => new DemoVoice(id, reasoning, DemoLibrary.Instance));
        return new()
        {
            Id = id,
            Responder = request => voice.Value.Answer(request),
            FirstTokenDelay = TimeSpan.FromMilliseconds(firstTokenMs),
            TokensPerSecond = tokensPerSecond,
            ContextLength = Context,
        };
    }
}

using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>
/// The three models of <c>synthwave demo</c>. They know nothing, but each has its own temperament, speed and points, taken from the question itself, so that
/// one can see what an ensemble, a cascade and a vote make of them. The same model gives the same prompt the same answer.
/// </summary>
internal static class DemoModels
{
    public const string Quick = "sim-quick";
    public const string Careful = "sim-careful";
    public const string Bold = "sim-bold";

    /// <summary>Tokens; what the demo's configuration says about each of them.</summary>
    public const int Context = 32_768;

    private static readonly DemoVoice QuickVoice = new()
    {
        Id = Quick,
        Opening = "Quick take on {0}:",
        Points =
        [
            "Most of {0} comes down to {1}; settle that first.",
            "Say in one sentence what {0} is before going further.",
            "Try {1} on one small example and look at what happens.",
            "Leave the rare cases of {0} until the common one works.",
            "If {1} takes more than an hour, ask somebody who has done it.",
        ],
        VoteReason = "that is what one sees first about {0}",
        YesInTen = 6,
    };

    private static readonly DemoVoice CarefulVoice = new()
    {
        Id = Careful,
        Opening = "Looking at {0} step by step:",
        Points =
        [
            "List what is assumed about {0} and which assumption would change the answer.",
            "Keep what is known about {1} apart from what is only likely.",
            "Decide beforehand how you would notice that {0} went wrong.",
            "Compare two explanations of {1} before choosing one.",
            "Name the limits: where does {0} stop being true?",
        ],
        Reasoning = "The question is about {0}. The word that carries most of it is {1}. I will collect what has to be checked.",
        VoteReason = "nothing said about {0} rules it out",
        YesInTen = 4,
    };

    private static readonly DemoVoice BoldVoice = new()
    {
        Id = Bold,
        Opening = "Turning {0} upside down:",
        Points =
        [
            "Begin with the riskiest part of {0}; it teaches the most.",
            "Leave {1} out completely and see whether anybody misses it.",
            "Ask who gains from the usual answer about {0}.",
            "Aim for the opposite of {1} for a day and keep what survives.",
            "Make {0} ten times bigger: what breaks first is the real problem.",
        ],
        VoteReason = "{0} deserves a clear word",
        YesInTen = 8,
    };

    /// <summary>In the order of their names above.</summary>
    public static ImmutableArray<SimulatedModel> All { get; } =
    [
        Model(QuickVoice, firstTokenMs: 150, tokensPerSecond: 80),
        Model(CarefulVoice, firstTokenMs: 450, tokensPerSecond: 45),
        Model(BoldVoice, firstTokenMs: 300, tokensPerSecond: 60),
    ];

    private static SimulatedModel Model(DemoVoice voice, int firstTokenMs, double tokensPerSecond) => new()
    {
        Id = voice.Id,
        Responder = voice.Answer,
        FirstTokenDelay = TimeSpan.FromMilliseconds(firstTokenMs),
        TokensPerSecond = tokensPerSecond,
        ContextLength = Context,
    };
}

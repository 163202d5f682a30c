using System.Collections.Immutable;

namespace Synthwave.Simulation.Items;

/// <summary>
/// Endless questions of one kind, each with a truth, and how models answer them. A question's difficulty belongs to the question, so that models fail
/// together as much as <see cref="Correlation"/> says. Immutable; everything follows from the seed.
/// </summary>
internal sealed record ItemKind
{
    private const int TruthStream = 0;
    private const int DecoyStream = 1;
    private const int MixtureStream = 2;
    private const int DifficultyStream = 1_000;
    private const int AuthorStream = 10_000;
    private const int StreamsPerAuthor = 16;

    /// <summary>Letters, digits, dots and dashes: what a prompt calls it.</summary>
    public required string Name { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>What can be answered; two or more, one word each.</summary>
    public ImmutableArray<string> Options { get; init; } = ["A", "B", "C", "D"];

    /// <summary>Of two models' being right, 0 (independent) to below 1: beta-binomial.</summary>
    public double Correlation { get; init; }

    /// <summary>How often two wrong answers are the same; null = by chance. At least chance, at most 1.</summary>
    public double? WrongAgreement { get; init; }

    /// <summary>Questions are easy or hard instead of all alike; a model's own accuracy then does not matter. Null = all alike.</summary>
    public ItemMixture? Mixture { get; init; }

    public string Truth(long question) => Options[TruthIndex(question)];

    /// <summary>What model <paramref name="author"/>, right in a share of <paramref name="accuracy"/> of all questions, answers.</summary>
    /// <param name="question">Number of the question.</param>
    /// <param name="author">Number of the model, from 0.</param>
    /// <param name="accuracy">0–1.</param>
    public string Answer(long question, int author, double accuracy)
    {
        var stream = AuthorStream + (author * StreamsPerAuthor);
        var truth = TruthIndex(question);
        return Options[ItemDraw.Uniform(NamedSeed, question, stream) < ChanceToBeRight(question, accuracy) ? truth : Wrong(question, truth, stream + 1)];
    }

    /// <summary>
    /// How sure the author says it is, 0–1. Of a right and a wrong answer the right one has the higher score with chance <paramref name="auc"/>
    /// (0.5 = the score says nothing).
    /// </summary>
    public double Confidence(long question, int author, bool isRight, double auc)
    {
        var stream = AuthorStream + (author * StreamsPerAuthor) + 8;
        var distance = Math.Sqrt(2) * NormalQuantile.Of(Math.Clamp(auc, 0.001, 0.999));
        return 1 / (1 + Math.Exp(-(ItemDraw.Normal(NamedSeed, question, stream) + (isRight ? distance : 0))));
    }

    private ulong NamedSeed => ItemDraw.Named(Seed, Name);

    private int TruthIndex(long question) => ItemDraw.Index(NamedSeed, question, TruthStream, Options.Length);

    private double ChanceToBeRight(long question, double accuracy)
    {
        if (Mixture is { } mixture)
        {
            return ItemDraw.Uniform(NamedSeed, question, MixtureStream) < mixture.EasyShare ? mixture.EasyAccuracy : mixture.HardAccuracy;
        }

        if (Correlation <= 0 || accuracy is <= 0 or >= 1)
        {
            return accuracy;
        }

        var spread = (1 / Correlation) - 1;
        return ItemDraw.Beta(NamedSeed, question, DifficultyStream, accuracy * spread, (1 - accuracy) * spread);
    }

    // A wrong answer is the question's decoy with the chance that makes two of them agree as often as asked, else any other wrong one.
    private int Wrong(long question, int truth, int stream)
    {
        var wrong = Options.Length - 1;
        var pick = ItemDraw.Index(NamedSeed, question, stream, wrong);
        if (WrongAgreement is { } agreement && wrong > 1)
        {
            var decoy = ItemDraw.Index(NamedSeed, question, DecoyStream, wrong);
            var others = ItemDraw.Index(NamedSeed, question, stream, wrong - 1);
            pick = ItemDraw.Uniform(NamedSeed, question, stream + 1) < DecoyShare(agreement, wrong) ? decoy : others + (others >= decoy ? 1 : 0);
        }

        return pick + (pick >= truth ? 1 : 0);
    }

    // d² + (1 - d)² / (m - 1) = a, solved for the d that is chance or more.
    private static double DecoyShare(double agreement, int wrong)
    {
        var under = ((agreement * wrong) - 1) * (wrong - 1);
        return (1 + Math.Sqrt(Math.Max(0, under))) / wrong;
    }
}

/// <summary>A share of easy questions among hard ones, with how often a model is right about each.</summary>
internal sealed record ItemMixture(double EasyShare, double EasyAccuracy, double HardAccuracy);
